import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/cli/output/style.ts';
import { makeTempDir, runCli, startCli } from '../support/cli.ts';

const dir = makeTempDir();
const lines = (text: string): string[] => text.split('\n').slice(0, -1);

describe('calc', () => {
  it('prints the OpenWrt options in their order, every port range, and a picture', async () => {
    const { exitCode, stdout, stderr } = await runCli(['calc', '240b:10:3f6c:d400::/56']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const names =
      'peeraddr ipaddr ip4prefixlen ip6prefix ip6prefixlen ealen psidlen offset tunlink legacymap encaplimit mtu';
    const positions = names.split(' ').map((name) => stdout.search(new RegExp(`^ +${name} `, 'm')));
    expect(positions.every((position, index) => position > (positions[index - 1] ?? -1))).toBe(true);
    expect(stdout).toContain('240b:10:3f6c:d400:6a:483f:6c00:d400');
    expect(stdout).toContain('7488-7503');
    expect(stdout).toContain('64832-64847');
    expect(stdout.match(/█/g)).toHaveLength(15);
  });

  it.each([
    ['C.UTF-8', 'en'],
    ['C.UTF-8', 'ja'],
    ['C', 'en'],
  ])('fits 80 columns (locale %s, language %s), without escape sequences in a pipe', async (locale, lang) => {
    for (const prefix of ['2400:4151:8000:1234::/64', '2404:7a86:1234:5600::/64', '240d:f:a234:5600::/64']) {
      const { stdout } = await runCli(['calc', prefix, '--lang', lang], { env: { LC_ALL: locale } });
      expect(lines(stdout).filter((line) => textWidth(line) > 80)).toEqual([]);
      expect(stdout).not.toContain('\u001b');
      if (locale === 'C') expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    }
  });

  it('--uci prints commands of the interface, all values quoted', async () => {
    const { stdout } = await runCli(['calc', '--uci', '2400:4151:8000:1200::/64']);
    const commands = lines(stdout);
    expect(commands[0]).toBe("uci set network.wan6mape='interface'");
    expect(commands.at(-1)).toBe('uci commit network');
    expect(
      commands.slice(1, -1).every((line) => /^uci set network\.wan6mape\.[a-z0-9]+='[^']*'$/.test(line)),
    ).toBe(true);
    expect(commands).toContain("uci set network.wan6mape.peeraddr='2001:380:a120::9'");
  });

  it('says what a prefix is that cannot work, with exit code 3', async () => {
    const { exitCode, stdout, stderr } = await runCli(['calc', '2409:10:1234:5600::/64']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('PREFIX_NOT_MAP_E');
    expect(stderr).toContain('gw.transix.jp');
  });

  it('goes on after a prefix that cannot work', async () => {
    const { exitCode, stdout, stderr } = await runCli(['calc', 'nonsense', '240b:12:3456:7800::/64']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('14.8.52.86');
    expect(stderr).toContain('PREFIX_MALFORMED');
  });

  it('takes rules from a file', async () => {
    const path = join(dir, 'rule.yaml');
    writeFileSync(
      path,
      '{ ipv6: "2001:db8::/40", ipv4: 192.0.2.0/24, ea: 16, psidOffset: 6, br: "2001:db8:ffff::1", interfaceId: rfc7597 }',
    );
    const { stdout } = await runCli(['calc', '2001:db8:12:3400::/56', '--rule', path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      service: 'user',
      ipv4Address: '192.0.2.18',
      psid: 0x34,
      confidence: 'user',
    });
  });

  it.each([
    ['a file that is not there', ['--rule', join(dir, 'missing.yaml')], 3, 'RULE_INVALID'],
    ['an unknown service', ['--service', 'v6plu'], 3, 'SERVICE_UNKNOWN'],
    ['two forms of output', ['--uci', '--json'], 2, 'USAGE_COMBINATION'],
    ['an unknown option', ['--jso'], 2, 'USAGE'],
  ])('%s is refused', async (_name, args, exitCode, code) => {
    const result = await runCli(['calc', '240b:12:3456:7800::/64', ...args]);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout + result.stderr).toContain(code);
  });
});

describe('calc - --json', () => {
  it('gives one object a line, in order, whatever the line holds', async () => {
    const input = [
      '240b:12:3456:7800::/64',
      '',
      '  2400:4050:CAB9:7000::/64 \r',
      'x\u0000y',
      '2409:10::/64',
      '日本語',
    ];
    const { exitCode, stdout } = await runCli(['calc', '-', '--json'], { input: `${input.join('\n')}\n` });
    const documents = lines(stdout).map((line) => JSON.parse(line));
    expect(exitCode).toBe(0);
    expect(documents.map(({ input: echoed }) => echoed)).toEqual(input.map((line) => line.replace('\r', '')));
    expect(documents.map(({ ok, code }) => ok || code)).toEqual([
      true,
      'PREFIX_MALFORMED',
      true,
      'PREFIX_MALFORMED',
      'PREFIX_NOT_MAP_E',
      'PREFIX_MALFORMED',
    ]);
  });

  it('has the members the documentation names, in that order', async () => {
    const { stdout } = await runCli(['calc', '-', '--json'], {
      input: '240b:12:3456:7800::/64\n2409:10::/64',
    });
    const [good, bad] = lines(stdout).map((line) => Object.keys(JSON.parse(line)));
    expect(good).toEqual([
      'input',
      'ok',
      'service',
      'endUserPrefix',
      'ipv4Address',
      'psid',
      'psidLength',
      'psidOffset',
      'eaLength',
      'ruleIpv6Prefix',
      'ruleIpv4Prefix',
      'br',
      'ceIpv6Address',
      'ceIpv6AddressRfc7597',
      'interfaceIdForm',
      'portCount',
      'portRanges',
      'confidence',
      'sources',
      'warnings',
    ]);
    expect(bad).toEqual(['input', 'ok', 'code', 'service', 'message', 'hint']);
  });

  it('answers each line before the next one comes', async () => {
    const child = startCli(['calc', '-', '--json']);
    const answers = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    for (const prefix of ['240b:12:3456:7800::/64', '2400:4151:8000:1200::/64']) {
      child.stdin.write(`${prefix}\n`);
      const { value } = await answers.next();
      expect(JSON.parse(String(value))).toMatchObject({ input: prefix, ok: true });
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  it('a reader who leaves early is no error', async () => {
    const child = startCli(['calc', '-', '--json']);
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end('240b:12:3456:7800::/64\n'.repeat(20_000));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  it('a line without end does not fill the memory', async () => {
    const { stdout } = await runCli(['calc', '-', '--json'], {
      input: `${'a'.repeat(5_000_000)}\n240b:12:3456:7800::/64\n`,
    });
    const documents = lines(stdout).map((line) => JSON.parse(line));
    expect(documents.map(({ ok }) => ok)).toEqual([false, true]);
    expect(documents[0].input.length).toBeLessThan(5000);
  });
});
