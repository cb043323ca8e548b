import { describe, expect, it } from 'vitest';
import { mergeLayers } from '../../src/config/merge.ts';
import { parseConfigText } from '../../src/config/parse.ts';
import { codesOf, configOf, readFixture } from './support.ts';

describe('a full file', () => {
  it('gives every setting in its final form', () => {
    expect(configOf(readFixture('full.yaml'))).toEqual({
      prefix: '2400:4151:8000:1234::/64',
      profile: 'tplink_archer-c6-v2',
      release: '24.10',
      service: 'ocn',
      rule: 'rules/mine.yaml',
      line: 'ra',
      packages: { add: ['luci-app-sqm', 'htop'], remove: ['ppp'] },
      lan: { address: '192.168.10.1/24' },
      wan: { dhcpv4: true },
      hostname: 'gate',
      timezone: 'Asia/Tokyo',
      ntp: ['ntp.nict.jp', '2001:db8::123'],
      wifi: {
        country: 'JP',
        networks: [
          {
            ssid: 'home',
            key: { file: 'secrets/wifi' },
            encryption: 'sae-mixed',
            band: 'all',
            hidden: false,
          },
          { ssid: 'お客様', key: { env: 'GUEST_KEY' }, encryption: 'psk2', band: '2g', hidden: true },
          { ssid: 'cafe', encryption: 'owe', band: '6g', hidden: false },
        ],
      },
      ssh: {
        authorizedKeys: [readFixture('keys/ed25519.pub').trim(), { file: 'keys/rsa.pub' }],
        passwordLogin: false,
      },
      rootPasswordHash: { env: 'MAPE_ROOT_HASH' },
      ipv6: {
        allow: [
          {
            name: 'web',
            proto: 'tcp',
            ports: [
              [80, 80],
              [443, 443],
            ],
            host: '::1234:56ff:fe78:9abc',
          },
          { name: 'ping', proto: 'icmp', ports: [] },
          { name: 'game', proto: 'udp', ports: [[3074, 3076]], host: '2001:db8::5' },
        ],
      },
      forwards: [
        { name: 'tcp-5136', proto: 'tcp', port: [5136, 5136], host: '192.168.10.10', hostPort: [443, 443] },
        {
          name: 'tcpudp-5152',
          proto: 'tcp+udp',
          port: [5152, 5155],
          host: '192.168.10.11',
          hostPort: [5152, 5155],
        },
        { name: 'ssh', proto: 'tcp', port: [5156, 5156], host: '192.168.10.12', hostPort: [22, 22] },
      ],
      reservedPorts: [
        [5137, 5137],
        [5138, 5140],
      ],
      files: [
        { path: '/etc/motd', mode: 0o644, content: { source: 'my/motd' } },
        { path: '/usr/bin/run', mode: 0o755, content: { source: '/srv/run.sh' } },
      ],
      uci: [
        { config: 'network', section: 'guest', value: 'interface' },
        { config: 'network', section: 'lan', option: 'mtu', value: '1500' },
        { config: 'network', section: 'guest', option: 'proto', value: 'static' },
        { config: 'network', section: 'guest', option: 'dns', value: ['192.0.2.1', '192.0.2.2'] },
      ],
    });
  });

  it('lets paths start from the folder of the file, absolute ones apart', () => {
    const { layer } = parseConfigText(readFixture('full.yaml'), 'conf/home/mape-image.yaml');
    expect(layer?.values.rule).toBe('conf/home/rules/mine.yaml');
    expect(layer?.values.files?.map(({ content }) => content.source)).toEqual([
      'conf/home/my/motd',
      '/srv/run.sh',
    ]);
    expect(layer?.values.wifi?.networks?.map(({ key }) => key)).toEqual([
      { file: 'conf/home/secrets/wifi' },
      { env: 'GUEST_KEY' },
      undefined,
    ]);
    expect(layer?.values.ssh?.authorizedKeys?.[1]).toEqual({ file: 'conf/home/keys/rsa.pub' });
  });

  it('an empty file leaves the defaults', () => {
    expect(configOf('')).toMatchObject({
      prefix: undefined,
      service: undefined,
      line: 'auto',
      packages: { add: [], remove: [] },
      wan: { dhcpv4: false },
      timezone: 'Asia/Tokyo',
      wifi: undefined,
      forwards: [],
    });
  });

  it('a network has SAE beside WPA2 on all bands unless it says otherwise, and SAE alone on 6 GHz', () => {
    const { wifi } = configOf(
      'wifi: { networks: [ { ssid: a, key: { env: K } }, { ssid: b, key: { env: K }, band: 6g } ] }',
    );
    expect(wifi?.country).toBe('JP');
    expect(wifi?.networks.map(({ encryption, band }) => [encryption, band])).toEqual([
      ['sae-mixed', 'all'],
      ['sae', '6g'],
    ]);
  });
});

describe('findings', () => {
  it('all come at once, in order of place, with line and column', () => {
    const text = [
      'hostname: my_gate',
      'lan:',
      '  adress: 192.168.1.1/24',
      'release: 24.10',
      'wifi:',
      '  networks:',
      '    - ssid: home',
      '      encryption: wpa2',
      'reservedPorts: [1, 0,',
      '  99999]',
      'packages: { add: [a=1] }',
      'nonsense: 1',
    ].join('\n');
    const { findings } = parseConfigText(text, 'mape-image.yaml');
    expect(findings.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
      ['CONFIG_BAD_HOSTNAME', 1, 11],
      ['CONFIG_UNKNOWN_KEY', 3, 3],
      ['CONFIG_UNQUOTED', 4, 10],
      ['CONFIG_BAD_CHOICE', 8, 19],
      ['CONFIG_BAD_PORTS', 9, 20],
      ['CONFIG_BAD_PORTS', 10, 3],
      ['CONFIG_BAD_PACKAGE', 11, 19],
      ['CONFIG_UNKNOWN_KEY', 12, 1],
    ]);
    expect(findings.every(({ place }) => place?.file === 'mape-image.yaml')).toBe(true);
  });

  it('a setting that is refused leaves the others in force', () => {
    const { layer } = parseConfigText('hostname: my_gate\nprofile: abc', 'f.yaml');
    expect(layer?.values).toEqual({ profile: 'abc' });
    expect([...(layer?.rejected ?? [])]).toEqual(['hostname']);
  });

  it('a refused LAN address raises nothing about forwards', () => {
    expect(codesOf('lan: { address: 10.0.0.0/24 }\nforwards: [ tcp 5136 -> 10.0.0.5 ]')).toEqual([
      'CONFIG_BAD_LAN_ADDRESS',
    ]);
  });

  it.each([
    ['hostnam: gate', 'hostname'],
    ['reserved_ports: []', 'reservedPorts'],
    ['Forwards: []', 'forwards'],
    ['timezome: UTC', 'timezone'],
    ['lan: { adress: 1 }', 'address'],
    ['wifi: { networks: [ { ssid: a, encryption: none, bnad: all } ] }', 'band'],
    ['forwards: [ { prto: tcp, port: 1, host: 192.168.1.5, proto: tcp } ]', 'proto'],
  ])('%s suggests %s', (text, suggestion) => {
    const { findings } = parseConfigText(text, 'f.yaml');
    expect(findings.map(({ code, details }) => [code, details?.suggestion])).toEqual([
      ['CONFIG_UNKNOWN_KEY', suggestion],
    ]);
  });

  it('a number that YAML would change says how it is read', () => {
    const { findings } = parseConfigText('release: 24.10', 'f.yaml');
    expect(findings[0]?.details).toMatchObject({ path: 'release', found: '24.10', readAs: '24.1' });
  });

  it.each([
    ['a Wi-Fi key', 'wifi: { networks: [ { ssid: a, key: hunter2 } ] }'],
    ['a Wi-Fi key that is a number', 'wifi: { networks: [ { ssid: a, key: 0123hunter2 } ] }'],
    ['a password', 'root: { passwordHash: hunter2 }'],
    ['a password one level too high', 'root: hunter2'],
    ['a private key', 'ssh: { authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY----- hunter2"] }'],
    [
      'a private key in a block',
      'ssh:\n  authorizedKeys:\n    - |\n      -----BEGIN PRIVATE KEY-----\n      hunter2\n',
    ],
    ['a UCI secret', 'uci: { network: { wg0: { private_key: "hunter2\\n" } } }'],
    ['a password behind broken YAML', 'root: { passwordHash: "hunter2 }'],
  ])('%s is never shown', (_, text) => {
    const { findings } = parseConfigText(text, 'f.yaml');
    expect(findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});

describe('YAML', () => {
  it.each([
    ['a tab as indentation', 'lan:\n\taddress: 192.168.1.1/24', 'CONFIG_TAB'],
    ['a bracket that is left open', 'ntp: [a', 'CONFIG_SYNTAX'],
    ['a quotation mark that is left open', 'hostname: "a', 'CONFIG_SYNTAX'],
    ['a colon inside a value', 'hostname: a: b', 'CONFIG_SYNTAX'],
    ['a key twice', 'hostname: a\nhostname: b', 'CONFIG_DUPLICATE_KEY'],
    ['an alias without anchor', 'hostname: *a', 'CONFIG_SYNTAX'],
    ['an alias of what is around it', 'wifi: &a { networks: *a }', 'CONFIG_SYNTAX'],
    ['a tag', 'hostname: !secret a', 'CONFIG_SYNTAX'],
    ['two documents', 'hostname: a\n---\nhostname: b', 'CONFIG_SYNTAX'],
    ['a mapping as key', '? { a: b }\n: c', 'CONFIG_SYNTAX'],
    ['a key that reaches into objects', '__proto__: { hostname: a }', 'CONFIG_SYNTAX'],
    ['a wrong escape', 'hostname: "\\q"', 'CONFIG_SYNTAX'],
    ['more than 256 KiB', `# ${'x'.repeat(300_000)}`, 'CONFIG_TOO_LARGE'],
    ['brackets without end', '['.repeat(60_000), 'CONFIG_TOO_DEEP'],
    ['mappings without end', '{a: '.repeat(30_000), 'CONFIG_TOO_DEEP'],
    ['dashes without end', '- '.repeat(60_000), 'CONFIG_TOO_DEEP'],
    ['question marks without end', '? '.repeat(60_000), 'CONFIG_TOO_DEEP'],
  ])('%s is found with its place', (_, text, code) => {
    const { findings } = parseConfigText(text, 'f.yaml');
    expect(findings.map((finding) => finding.code)).toContain(code);
    expect(findings.every(({ place }) => place !== undefined)).toBe(true);
  });

  it('a bomb of aliases is refused in bounded time', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? 'x' : `${`*a${i - 1}, `.repeat(10)}`}]`,
    );
    expect(codesOf(levels.join('\n'))).toContain('CONFIG_TOO_MANY');
  });

  it('an anchor may be used where it makes sense', () => {
    expect(configOf('packages: { add: &p [htop], remove: [] }\nntp: *p').ntp).toEqual(['htop']);
  });

  it('YAML 1.1 is not spoken, whatever the file says', () => {
    expect(codesOf('%YAML 1.1\n---\nwan: { dhcpv4: yes }')).toEqual(['CONFIG_WRONG_TYPE']);
  });

  it('numbers may stand for a setting that is text or number in UCI', () => {
    const { layer } = parseConfigText('uci: { network: { lan: { mtu: 1500 } } }', 'f.yaml');
    expect(layer === undefined ? [] : mergeLayers([layer]).config.uci).toEqual([
      { config: 'network', section: 'lan', option: 'mtu', value: '1500' },
    ]);
  });
});
