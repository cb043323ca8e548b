import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { makeTempDir, runCli } from '../support/cli.ts';
import { makeSampleTarball, makeSampleTree } from '../support/sample.ts';
import { replacePackage } from './sample-package.ts';

const dir = makeTempDir();
const env = { XDG_CACHE_HOME: join(dir, 'cache'), XDG_STATE_HOME: join(dir, 'state') };
const base = ['--prefix', '240b:12:3456:7800::/64', '--profile', 'tplink_archer-c6-v2'];
const opkg = makeSampleTree('opkg', join(dir, 'opkg'));
const HASH = (letter: string) => `$6$saltsalt$${letter.repeat(86)}`;

async function build(args: readonly string[], options: Parameters<typeof runCli>[1] = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runCli(['build', ...base, ...args, '--json'], {
    ...options,
    env: { ...env, ...options.env },
  });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout).outputDir;
}

const reproduce = async (args: readonly string[], extraEnv: Record<string, string> = {}) => {
  const { exitCode, stdout } = await runCli(['reproduce', ...args, '--json'], {
    env: { ...env, ...extraEnv },
  });
  const document = JSON.parse(stdout);
  const findings: { code: string; details: Record<string, unknown> }[] = document.findings ?? [];
  return { exitCode, document, code: document.code, findings };
};

describe('reproduce', () => {
  it('says equal where the image is, wherever the record lies, and names the signature left out', async () => {
    const out = await build(['--imagebuilder', opkg, '-o', join(dir, 'out')]);
    const moved = join(dir, 'moved');
    renameSync(out, moved);
    const { exitCode, document } = await reproduce([join(moved, 'provenance.json'), '--imagebuilder', opkg]);
    expect(exitCode).toBe(0);
    const [image = ''] = readdirSync(moved).filter((name) => name.endsWith('.bin'));
    expect(document).toMatchObject({
      equal: true,
      signatureLeftOut: true,
      sha256: computeSha256(readFileSync(join(moved, image))),
    });
  });

  it('needs the ImageBuilder where the record names a folder', async () => {
    const { exitCode, code } = await reproduce([join(dir, 'moved')]);
    expect({ exitCode, code }).toEqual({ exitCode: 3, code: 'RECORD_NEEDS_IMAGEBUILDER' });
  });

  it('says what differs where a package is another one', async () => {
    const other = makeSampleTree('opkg', join(dir, 'other'));
    replacePackage(other, 'map', '8', 'newer');
    const { exitCode, code, findings } = await reproduce([join(dir, 'moved'), '--imagebuilder', other]);
    expect({ exitCode, code }).toEqual({ exitCode: 4, code: 'REPRODUCED_OTHER' });
    expect(findings.map((one) => one.code)).toEqual(
      expect.arrayContaining(['REPRODUCED_IMAGE_OTHER', 'LOCK_PACKAGE_OTHER']),
    );
    expect(findings.find((one) => one.code === 'LOCK_PACKAGE_OTHER')?.details).toMatchObject({
      package: 'map',
      wanted: '7',
      found: '8',
    });
    expect(
      findings.filter((one) => one.code === 'REPRODUCED_FILE_OTHER').map(({ details }) => details.path),
    ).toContain('/usr/share/map.mark');
  });

  it.each([
    ['a byte of the image', /\.bin$/, 'RECORD_DAMAGED'],
    ['the plan', /^plan\.json$/, 'RECORD_DAMAGED'],
  ])('refuses a record in which somebody changed %s', async (_name, pattern, wanted) => {
    const copy = join(dir, 'damaged');
    cpSync(join(dir, 'moved'), copy, { recursive: true });
    const path = join(copy, readdirSync(copy).find((name) => pattern.test(name)) ?? '');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    writeFileSync(path, bytes);
    const { exitCode, code } = await reproduce([copy, '--imagebuilder', opkg]);
    rmSync(copy, { recursive: true });
    expect({ exitCode, code }).toEqual({ exitCode: 4, code: wanted });
  });

  it('refuses what is no record', async () => {
    const { exitCode, code, document } = await reproduce([dir]);
    expect({ exitCode, code }).toEqual({ exitCode: 3, code: 'RECORD_MISSING' });
    expect(document.details.missing).toEqual(['plan.json', 'lock.json', 'build.json']);
  });

  it('with secrets in the image it wants the settings, and the same ones', async () => {
    const yaml = join(dir, 'home.yaml');
    writeFileSync(yaml, 'root: { passwordHash: { env: ROOT_HASH } }\n');
    const out = await build(['-c', yaml, '--imagebuilder', opkg, '-o', join(dir, 'secret')], {
      env: { ROOT_HASH: HASH('A') },
    });
    expect(readdirSync(out)).not.toContain('overlay.json');
    for (const name of readdirSync(out).filter((file) => file.endsWith('.json')))
      expect(readFileSync(join(out, name), 'utf8')).not.toContain('AAAAAAAA');
    const alone = await reproduce([out, '--imagebuilder', opkg]);
    expect({ exitCode: alone.exitCode, code: alone.code }).toEqual({
      exitCode: 3,
      code: 'RECORD_NEEDS_CONFIG',
    });
    expect(alone.document.details.paths).toEqual(['/usr/share/mape-image/secret/root']);
    const settings = [out, ...base, '-c', yaml, '--imagebuilder', opkg];
    const wrong = await reproduce(settings, { ROOT_HASH: HASH('B') });
    expect({ exitCode: wrong.exitCode, code: wrong.code }).toEqual({
      exitCode: 3,
      code: 'RECORD_OTHER_PLAN',
    });
    expect(wrong.findings.map(({ details }) => details.place)).toEqual(['/usr/share/mape-image/secret/root']);
    const right = await reproduce(settings, { ROOT_HASH: HASH('A') });
    expect(right.exitCode).toBe(0);
  });
});

describe('a record', () => {
  it('is the same from two machines: another place, time zone, language, mask and name of the ImageBuilder', async () => {
    const [one, two] = ['one', 'two'].map((name) => makeSampleTarball('apk', join(dir, name)));
    const a = await build(['--imagebuilder', one ?? '', '-o', join(dir, 'a')]);
    const b = await build(['--imagebuilder', two ?? '', '-o', join(dir, 'b')], {
      env: { TZ: 'Asia/Tokyo', LANG: 'ja_JP.UTF-8', XDG_CACHE_HOME: join(dir, 'cache-b') },
      under: ['sh', '-c', 'umask 027; exec "$@"', 'sh'],
    });
    const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');
    for (const name of ['plan.json', 'lock.json', 'overlay.json', 'sbom.cdx.json', 'provenance.json'])
      expect(read(a, name), name).toBe(read(b, name));
    const { components, metadata } = JSON.parse(read(a, 'sbom.cdx.json'));
    expect(components.every(({ hashes }: { hashes?: unknown[] }) => hashes?.length === 1)).toBe(true);
    expect(components[0].purl).toMatch(/^pkg:apk\/openwrt\//);
    const image = JSON.parse(read(a, 'build.json')).image;
    expect(metadata.component.hashes[0].content).toBe(image.sha256);
    const { subject } = JSON.parse(read(a, 'provenance.json'));
    expect(subject).toEqual([{ name: image.path, digest: { sha256: image.sha256 } }]);
  });
});
