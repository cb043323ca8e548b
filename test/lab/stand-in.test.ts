import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { hasTool } from '../overlay/support.ts';
import { jsonfilter } from './guest/netifd/jsonfilter.mjs';
import { mapcalc } from './guest/netifd/mapcalc.mjs';
import { packCpio } from './host/cpio.ts';
import { echoRequest } from './host/packets.ts';

const V6PLUS_EAST =
  'type=map-e,ipv6prefix=240b:10::,prefix6len=31,ipv4prefix=106.72.0.0,prefix4len=15,ealen=25,psidlen=8,offset=4,br=2404:9200:225:100::64';
const OCN =
  'type=map-e,ipv6prefix=2400:4050:8000::,prefix6len=38,ipv4prefix=153.242.0.0,prefix4len=20,ealen=18,psidlen=6,offset=6,br=2001:380:a120::9';

function field(stdout: string, name: string): string | undefined {
  return stdout
    .split('\n')
    .find((line) => line.startsWith(`RULE_1_${name}=`))
    ?.split('=')[1];
}

describe('the stand-in of mapcalc', () => {
  it.each([
    [
      'v6 Plus, draft-03',
      true,
      V6PLUS_EAST,
      '240b:10:3f6c:d400::',
      '106.72.63.108',
      '240b:10:3f6c:d400:6a:483f:6c00:d400',
      '7488-7503',
    ],
    [
      'v6 Plus, RFC 7597',
      false,
      V6PLUS_EAST,
      '240b:10:3f6c:d400::',
      '106.72.63.108',
      '240b:10:3f6c:d400:0:6a48:3f6c:d4',
      '7488-7503',
    ],
    [
      'OCN, draft-03',
      true,
      OCN,
      '2400:4050:8012:3400::',
      '153.242.0.72',
      '2400:4050:8012:3400:99:f200:4800:3400',
      '1856-1871',
    ],
  ])('gives the published figures of %s', (_, legacy, rule, address, ipv4, ce, firstRange) => {
    const { code, stdout } = mapcalc({
      legacy,
      rules: [rule],
      prefixes: [{ interface: 'wan6', address, mask: 56 }],
    });
    expect(code).toBe(0);
    expect(field(stdout, 'IPV4ADDR')).toBe(ipv4);
    expect(field(stdout, 'IPV6ADDR')).toBe(ce);
    expect(field(stdout, 'PORTSETS')).toMatch(new RegExp(`^'${firstRange} .* '$`));
  });

  it('fails without a prefix of the rule, and not for a forwarding rule', () => {
    const prefixes = [{ interface: 'wan6', address: '2001:db8::', mask: 64 }];
    expect(mapcalc({ legacy: true, rules: [V6PLUS_EAST], prefixes }).code).toBe(1);
    expect(mapcalc({ legacy: true, rules: [`${V6PLUS_EAST},fmr`], prefixes: [] }).code).toBe(0);
    expect(
      mapcalc({ legacy: true, rules: [`${V6PLUS_EAST},fmr`.replace('106.72.0.0', 'x')], prefixes: [] }).code,
    ).toBe(1);
  });

  it('takes the longest prefix there is, and bits that are missing as zero', () => {
    const prefixes = [
      { interface: 'short', address: '240b:10:3f00::', mask: 40 },
      { interface: 'long', address: '240b:10:3f6c:d400::', mask: 64 },
    ];
    expect(field(mapcalc({ legacy: true, rules: [V6PLUS_EAST], prefixes }).stdout, 'PD6IFACE')).toBe('long');
    const alone = mapcalc({ legacy: true, rules: [V6PLUS_EAST], prefixes: prefixes.slice(0, 1) });
    expect(field(alone.stdout, 'IPV4ADDR')).toBe('106.72.63.0');
  });
});

describe('the stand-in of jsonfilter', () => {
  const document = JSON.stringify({
    up: true,
    'ipv6-prefix': [{ address: "a'b" }, { address: 'c' }],
    ports: [{ role: 'wan', num: 1 }],
  });

  it.each([
    ['a plain value', '@.up', 'true\n'],
    ['every item', '@["ipv6-prefix"][*].address', "a'b\nc\n"],
    ['an assignment', 'up=@.up', 'export up=1; '],
    ['assignments of text, quoted', 'x=@["ipv6-prefix"][*].address', `export x='a'"'"'b'\\ 'c'; `],
    ['a filter', 'n=@.ports[@.role="wan"].num', 'export n=1; '],
  ])('prints %s', (_, path, expected) => {
    expect(jsonfilter('', ['-s', document, '-e', path], () => '')).toEqual({ code: 0, stdout: expected });
  });

  it('prints nothing and ends with 1 where there is nothing', () => {
    expect(jsonfilter('', ['-e', '@.none'], () => document)).toEqual({ code: 1, stdout: '' });
  });
});

describe('the image of the machine', () => {
  it.runIf(hasTool('busybox'))('is an archive cpio can list', () => {
    const bytes = packCpio([
      { path: '/bin', type: 'directory', mode: 0o755, bytes: new Uint8Array() },
      { path: '/bin/odd', type: 'file', mode: 0o755, bytes: Buffer.from('12345') },
      { path: '/bin/even', type: 'file', mode: 0o644, bytes: Buffer.from('1234') },
    ]);
    const { stdout } = spawnSync('busybox', ['cpio', '-t'], { input: bytes, encoding: 'utf8' });
    expect(stdout).toBe('bin\nbin/odd\nbin/even\n');
  });
});

describe('an echo request', () => {
  it('has a checksum by which all its words sum up to nothing', () => {
    for (const id of [1, 77, 6016, 65535]) {
      const words = echoRequest(id).match(/.{4}/g) ?? [];
      const sum = words.reduce((total, word) => total + Number.parseInt(word, 16), 0);
      // RFC 1071: in one's complement arithmetic all ones are zero
      expect(((sum & 0xffff) + (sum >>> 16)) & 0xffff).toBe(0xffff);
    }
  });
});
