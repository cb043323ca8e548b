import { describe, expect, it } from 'vitest';
import { applyConfigSources, listConfigSources } from '../../src/config/sources.ts';
import { configOf, readFixture } from './support.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const RSA = readFixture('keys/rsa.pub').trim();
const HASH = '$5$abcdefgh$4pln6dQeZEaf52TeGeUgJVTTrA1zXX8/.V29kfkHtO/';

const files: ReadonlyMap<string, Uint8Array> = new Map([
  ['secrets/wifi', bytes('correct horse\n')],
  ['keys/rsa.pub', bytes(`# laptop\n\n${RSA}\r\n`)],
  ['my/motd', bytes('welcome\n')],
  ['/srv/run.sh', new Uint8Array([0, 255, 10])],
]);
const envs: ReadonlyMap<string, string> = new Map([
  ['GUEST_KEY', 'guest pass phrase'],
  ['MAPE_ROOT_HASH', HASH],
]);
const full = configOf(readFixture('full.yaml'));

describe('sources of a configuration', () => {
  it('are listed once each and sorted', () => {
    expect(listConfigSources(full)).toEqual({
      files: ['/srv/run.sh', 'keys/rsa.pub', 'my/motd', 'secrets/wifi'],
      envs: ['GUEST_KEY', 'MAPE_ROOT_HASH'],
    });
  });

  it('are put in place, one line end dropped', () => {
    const { config, findings } = applyConfigSources(full, { files, envs });
    expect(findings).toEqual([]);
    expect(config?.wifi?.networks.map(({ key }) => key)).toEqual([
      'correct horse',
      'guest pass phrase',
      undefined,
    ]);
    expect(config?.rootPasswordHash).toBe(HASH);
    expect(config?.ssh.authorizedKeys).toEqual([readFixture('keys/ed25519.pub').trim(), RSA]);
    expect(config?.files.map(({ path, content }) => [path, [...content]])).toEqual([
      ['/etc/motd', [...bytes('welcome\n')]],
      ['/usr/bin/run', [0, 255, 10]],
    ]);
  });

  it('a literal secret is taken as it is', () => {
    const config = configOf('wifi: { networks: [ { ssid: a, key: "correct horse" } ] }');
    const applied = applyConfigSources(config, { files: new Map(), envs: new Map() });
    expect(applied.config?.wifi?.networks[0]?.key).toBe('correct horse');
  });

  it.each([
    ['a file that is missing', 'secrets/wifi', undefined, 'CONFIG_SOURCE_MISSING'],
    ['a key with a second line', 'secrets/wifi', bytes('correct horse\n\n'), 'CONFIG_BAD_WIFI_KEY'],
    ['a key that is too short', 'secrets/wifi', bytes('tiny pw'), 'CONFIG_BAD_WIFI_KEY'],
    ['64 digits for SAE', 'secrets/wifi', bytes('ab'.repeat(32)), 'CONFIG_WIFI_KEY_SAE'],
    ['a key that is not UTF-8', 'secrets/wifi', new Uint8Array([255, 254]), 'CONFIG_SOURCE_ENCODING'],
    ['a file without a key', 'keys/rsa.pub', bytes('# nothing\n'), 'CONFIG_BAD_SSH_KEY'],
    ['a file of 5 MiB', 'my/motd', new Uint8Array(5 * 1024 * 1024), 'CONFIG_SOURCE_TOO_LARGE'],
  ])('%s is found with its file, and the value is not shown', (_, file, content, code) => {
    const changed = new Map(files);
    if (content === undefined) changed.delete(file);
    else changed.set(file, content);
    const { config, findings } = applyConfigSources(full, { files: changed, envs });
    expect(config).toBeUndefined();
    expect(findings.map((finding) => [finding.code, finding.place?.file])).toEqual([[code, file]]);
    expect(JSON.stringify(findings)).not.toMatch(/correct horse|tiny pw|abab/);
  });

  it('a private key in place of a public one is found at its line and not shown', () => {
    const text = '# mine\n-----BEGIN OPENSSH PRIVATE KEY-----\n';
    const { findings } = applyConfigSources(full, {
      files: new Map(files).set('keys/rsa.pub', bytes(text)),
      envs,
    });
    expect(findings.map(({ code, place, details }) => [code, place?.line, details?.reason])).toEqual([
      ['CONFIG_BAD_SSH_KEY', 2, 'private'],
    ]);
    expect(JSON.stringify(findings)).not.toContain('OPENSSH');
  });

  it.each([
    ['absent', undefined, 'CONFIG_SOURCE_MISSING'],
    ['empty', '', 'CONFIG_SOURCE_MISSING'],
    ['no hash', 'hunter2', 'CONFIG_BAD_PASSWORD_HASH'],
  ])('an environment name that is %s is found by its name', (_, value, code) => {
    const changed = new Map(envs);
    changed.delete('MAPE_ROOT_HASH');
    if (value !== undefined) changed.set('MAPE_ROOT_HASH', value);
    const { findings } = applyConfigSources(full, { files, envs: changed });
    expect(findings.map((finding) => [finding.code, finding.details?.origin])).toEqual([
      [code, 'MAPE_ROOT_HASH'],
    ]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('all that is wrong comes at once', () => {
    const { findings } = applyConfigSources(full, { files: new Map(), envs: new Map() });
    expect(findings).toHaveLength(6);
  });
});
