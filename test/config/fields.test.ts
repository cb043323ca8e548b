import { describe, expect, it } from 'vitest';
import { codesOf, readFixture } from './support.ts';

const KEY = readFixture('keys/ed25519.pub').trim();
const [KEY_TYPE = '', KEY_BLOB = ''] = KEY.split(' ');
const HASH_6 =
  '$6$abcdefgh$vDYSh4BZdWDBkLFkaOIpaatW.VGN6aU1hgyKPoaSp0Dm/Ge7jVs4OwIrWHMDHJi9HFkuitFufFpp/n4m9gmn31';

const q = (value: string) => JSON.stringify(value);
const network = (members: string) => `wifi: { networks: [ { ssid: home, ${members} } ] }`;
const opening = (members: string) => `ipv6: { allow: [ { name: web, ${members} } ] }`;

const accepted: readonly [string, string][] = [
  ['a /64', 'prefix: 2400:4151:8000:1234::/64'],
  ['a /56', 'prefix: 240b:12:3456:7800::/56'],
  ['an address', 'prefix: 2400:4151:8000:1234:5:6:7:8'],
  ['a profile id', 'profile: tplink_archer-c6-v2'],
  ['a board name', 'profile: "tplink,archer-c6-v2"'],
  ['a title', 'profile: TP-Link Archer C6 v2 (EU/RU/JP)'],
  ['a series', 'release: "24.10"'],
  ['a release', 'release: 24.10.4'],
  ['a candidate', 'release: 25.12.0-rc2'],
  ['a snapshot', 'release: SNAPSHOT'],
  ['a service', 'service: v6plus'],
  ['service auto', 'service: auto'],
  ['a rule file', 'rule: rules/mine.yaml'],
  ['line pd', 'line: pd'],
  ['packages', 'packages: { add: [libstdcpp6, kmod-usb-net+x], remove: [ppp] }'],
  ['a LAN of /30', 'lan: { address: 192.168.1.2/30 }'],
  ['a LAN of /8', 'lan: { address: 10.0.0.1/8 }'],
  ['a one-letter host name', 'hostname: a'],
  ['a host name of 63', `hostname: ${'a'.repeat(63)}`],
  ['a time zone of three parts', 'timezone: America/Argentina/Buenos_Aires'],
  ['UTC', 'timezone: UTC'],
  ['time servers', 'ntp: [ntp.nict.jp, 192.0.2.1, "2001:db8::1"]'],
  ['an SSID of 32 bytes', `wifi: { networks: [ { ssid: ${'あ'.repeat(10)}ab, encryption: none } ] }`],
  ['a key from a file', network('key: { file: secrets/wifi }')],
  ['a key from the environment', network('key: { env: WIFI_KEY }, encryption: psk2')],
  ['a 6 GHz network', network('key: { env: WIFI_KEY }, band: 6g')],
  ['no networks', 'wifi: { country: "00", networks: [] }'],
  ['an ed25519 key', `ssh: { authorizedKeys: [ ${q(KEY)} ] }`],
  ['an RSA key', `ssh: { authorizedKeys: [ ${q(readFixture('keys/rsa.pub').trim())} ] }`],
  ['an ECDSA key', `ssh: { authorizedKeys: [ ${q(readFixture('keys/ecdsa.pub').trim())} ] }`],
  ['a key without comment', `ssh: { authorizedKeys: [ ${KEY_TYPE} ${KEY_BLOB} ] }`],
  ['a hash source', 'root: { passwordHash: { env: MAPE_ROOT_HASH } }'],
  ['an opening for a suffix', opening('ports: [443], host: "::1234:56ff:fe78:9abc"')],
  ['an opening for the router', opening('ports: ["1-65535"]')],
  ['an opening for icmp', opening('proto: icmp')],
  ['a forward', 'forwards: [ tcp 5136 -> 192.168.1.10:443 ]'],
  ['a forward of a range', 'forwards: [ tcp+udp 5136-5140 -> 192.168.1.10:6000-6004 ]'],
  [
    'two forwards of one port and other protocols',
    'forwards: [ tcp 5136 -> 192.168.1.10, udp 5136 -> 192.168.1.11 ]',
  ],
  ['reserved ports', 'reservedPorts: [1, 65535, "5138-5140"]'],
  ['a file', 'files: [ { from: motd, to: /etc/motd, mode: "0600" } ]'],
  ['a mode of three digits', 'files: [ { from: motd, to: /etc/motd, mode: "755" } ]'],
  ['a section type', 'uci: { network: { guest: { .type: interface, proto: static } } }'],
  ['a configuration with a hyphen', 'uci: { adblock-fast: { config: { enabled: "1" } } }'],
  ['a list', 'uci: { dhcp: { lan: { dns: [a, 5] } } }'],
  ['an empty file', ''],
  ['a file of comments', '# nothing\n'],
];

describe('a setting of the right form', () => {
  it.each(accepted)('%s is accepted without a finding', (_, text) => {
    expect(codesOf(text)).toEqual([]);
  });
});

const refused: readonly [string, string, string][] = [
  ['an IPv4 prefix', 'prefix: 192.0.2.0/24', 'CONFIG_BAD_PREFIX'],
  ['a length above 128', 'prefix: 2400:4151::/129', 'CONFIG_BAD_PREFIX'],
  ['a prefix with a group too many', 'prefix: 1:2:3:4:5:6:7:8:9', 'CONFIG_BAD_PREFIX'],
  ['an empty profile', 'profile: ""', 'CONFIG_BAD_PROFILE'],
  ['a profile of 129 characters', `profile: ${'a'.repeat(129)}`, 'CONFIG_BAD_PROFILE'],
  ['a release that is a number', 'release: 24.10', 'CONFIG_UNQUOTED'],
  ['a release that is a number as written', 'release: 25.12', 'CONFIG_UNQUOTED'],
  ['a release with a letter', 'release: v24.10', 'CONFIG_BAD_RELEASE'],
  ['a service in capitals', 'service: V6Plus', 'CONFIG_BAD_SERVICE'],
  ['an unknown line', 'line: dhcp', 'CONFIG_BAD_CHOICE'],
  ['a path from home', 'rule: ~/rule.yaml', 'CONFIG_BAD_PATH'],
  ['a folder as a file', 'rule: rules/', 'CONFIG_BAD_PATH'],
  ['a package with a version', 'packages: { add: [htop=3.3.0] }', 'CONFIG_BAD_PACKAGE'],
  ['a package with a minus', 'packages: { add: [-ppp] }', 'CONFIG_BAD_PACKAGE'],
  ['a package that runs a program', 'packages: { add: ["`touch x`"] }', 'CONFIG_BAD_PACKAGE'],
  ['a package added and removed', 'packages: { add: [ppp], remove: [ppp] }', 'CONFIG_PACKAGE_CLASH'],
  [
    '257 packages',
    `packages: { add: [${Array.from({ length: 257 }, (_, i) => `p${i}`).join(', ')}] }`,
    'CONFIG_TOO_MANY',
  ],
  ['a LAN without length', 'lan: { address: 192.168.1.1 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['a LAN of /31', 'lan: { address: 192.168.1.1/31 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['a LAN of /7', 'lan: { address: 10.0.0.1/7 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['the network address', 'lan: { address: 192.168.1.0/24 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['the broadcast address', 'lan: { address: 192.168.1.255/24 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['a loopback LAN', 'lan: { address: 127.0.0.1/8 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['a multicast LAN', 'lan: { address: 224.0.0.1/24 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['an octal-looking LAN', 'lan: { address: 192.168.010.1/24 }', 'CONFIG_BAD_LAN_ADDRESS'],
  ['a public LAN', 'lan: { address: 8.8.8.1/24 }', 'CONFIG_LAN_PUBLIC'],
  ['text for true or false', 'wan: { dhcpv4: no }', 'CONFIG_WRONG_TYPE'],
  ['a host name with an underscore', 'hostname: my_gate', 'CONFIG_BAD_HOSTNAME'],
  ['a host name with a dot', 'hostname: gate.lan', 'CONFIG_BAD_HOSTNAME'],
  ['a host name that ends in a hyphen', 'hostname: gate-', 'CONFIG_BAD_HOSTNAME'],
  ['a host name of 64', `hostname: ${'a'.repeat(64)}`, 'CONFIG_BAD_HOSTNAME'],
  ['a host name that is a number', 'hostname: 5', 'CONFIG_UNQUOTED'],
  ['a host name that is true', 'hostname: true', 'CONFIG_UNQUOTED'],
  ['a host name that older YAML reads as false', 'hostname: no', 'CONFIG_LOOKS_BOOLEAN'],
  ['a host name left empty', 'hostname:', 'CONFIG_EMPTY'],
  ['a list for a text', 'hostname: [gate]', 'CONFIG_WRONG_TYPE'],
  ['a POSIX time zone', 'timezone: "JST-9,x"', 'CONFIG_BAD_TIMEZONE'],
  ['a path as time zone', 'timezone: ../../etc/passwd', 'CONFIG_BAD_TIMEZONE'],
  ['a URL as time server', 'ntp: ["https://ntp.nict.jp"]', 'CONFIG_BAD_SERVER'],
  ['an address out of range', 'ntp: [300.1.1.1]', 'CONFIG_BAD_SERVER'],
  ['a time server twice', 'ntp: [a.example, a.example]', 'CONFIG_DUPLICATE_VALUE'],
  ['a text for a list', 'ntp: ntp.nict.jp', 'CONFIG_WRONG_TYPE'],
  ['a country in small letters', 'wifi: { country: jp }', 'CONFIG_BAD_COUNTRY'],
  [
    'an SSID of 33 bytes',
    `wifi: { networks: [ { ssid: ${'あ'.repeat(11)}, encryption: none } ] }`,
    'CONFIG_BAD_SSID',
  ],
  ['an empty SSID', 'wifi: { networks: [ { ssid: "", encryption: none } ] }', 'CONFIG_BAD_SSID'],
  [
    'an SSID with a control character',
    'wifi: { networks: [ { ssid: "a\\e[2J", encryption: none } ] }',
    'CONFIG_BAD_TEXT',
  ],
  [
    'an SSID with half a surrogate pair',
    'wifi: { networks: [ { ssid: "a\\uD800", encryption: none } ] }',
    'CONFIG_BAD_TEXT',
  ],
  ['a network without SSID', 'wifi: { networks: [ { encryption: none } ] }', 'CONFIG_MISSING_KEY'],
  ['a network without key', network('band: 2g'), 'CONFIG_WIFI_KEY_MISSING'],
  ['an open network with a key', network('key: { env: K }, encryption: none'), 'CONFIG_WIFI_KEY_UNUSED'],
  ['WPA2 on 6 GHz', network('key: { env: K }, encryption: psk2, band: 6g'), 'CONFIG_WIFI_6G'],
  ['an unknown encryption', network('key: { env: K }, encryption: wpa2'), 'CONFIG_BAD_CHOICE'],
  ['a key that is a number', network('key: 12345678'), 'CONFIG_UNQUOTED'],
  ['a key with two sources', network('key: { env: K, file: f }'), 'CONFIG_BAD_SECRET'],
  ['a key without a source', network('key: {}'), 'CONFIG_BAD_SECRET'],
  ['an environment name with $', network('key: { env: $K }'), 'CONFIG_BAD_ENV_NAME'],
  ['a DSA key', `ssh: { authorizedKeys: [ssh-dss ${KEY_BLOB}] }`, 'CONFIG_BAD_SSH_KEY'],
  [
    'a key of another type than it says',
    `ssh: { authorizedKeys: [ssh-rsa ${KEY_BLOB}] }`,
    'CONFIG_BAD_SSH_KEY',
  ],
  [
    'a key cut short',
    `ssh: { authorizedKeys: [${KEY_TYPE} ${KEY_BLOB.slice(0, -8)}] }`,
    'CONFIG_BAD_SSH_KEY',
  ],
  ['a key with options', `ssh: { authorizedKeys: ['command="x" ${KEY}'] }`, 'CONFIG_BAD_SSH_KEY'],
  ['a private key', 'ssh: { authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }', 'CONFIG_BAD_SSH_KEY'],
  ['password login off without a key', 'ssh: { passwordLogin: false }', 'CONFIG_SSH_NO_KEY'],
  ['password login on without a password', 'ssh: { passwordLogin: true }', 'CONFIG_ROOT_OPEN'],
  ['an opening without ports', opening('proto: udp'), 'CONFIG_PORTS_MISSING'],
  ['icmp with ports', opening('proto: icmp, ports: [1]'), 'CONFIG_PORTS_UNUSED'],
  ['port 0', opening('ports: [0]'), 'CONFIG_BAD_PORTS'],
  ['port 65536', opening('ports: [65536]'), 'CONFIG_BAD_PORTS'],
  ['a range that falls', opening('ports: ["443-80"]'), 'CONFIG_BAD_PORTS'],
  ['half a port', opening('ports: [80.5]'), 'CONFIG_WRONG_TYPE'],
  ['a host with a length', opening('ports: [80], host: "2001:db8::1/64"'), 'CONFIG_BAD_IPV6_HOST'],
  ['a link-local host', opening('ports: [80], host: "fe80::1"'), 'CONFIG_BAD_IPV6_HOST'],
  ['an IPv4 host', opening('ports: [80], host: 192.168.1.1'), 'CONFIG_BAD_IPV6_HOST'],
  ['the loopback host', opening('ports: [80], host: "::1"'), 'CONFIG_BAD_IPV6_HOST'],
  [
    'an opening with a quote in its name',
    'ipv6: { allow: [ { name: "a\'b", ports: [1] } ] }',
    'CONFIG_BAD_NAME',
  ],
  [
    'two openings that become one section',
    'ipv6: { allow: [ { name: a-b, ports: [1] }, { name: A_b, ports: [2] } ] }',
    'CONFIG_DUPLICATE_VALUE',
  ],
  ['a forward without arrow', 'forwards: [ tcp 5136 192.168.1.10 ]', 'CONFIG_BAD_FORWARD'],
  ['a forward to a name', 'forwards: [ tcp 5136 -> nas ]', 'CONFIG_BAD_FORWARD'],
  ['a forward to port 0', 'forwards: [ "tcp 5136 -> 192.168.1.10:0" ]', 'CONFIG_BAD_PORTS'],
  ['a forward to no address', 'forwards: [ "tcp 5136 -> 192.168.1.300" ]', 'CONFIG_BAD_IPV4_HOST'],
  ['a forward of other lengths', 'forwards: [ "tcp 5136-5138 -> 192.168.1.10:80" ]', 'CONFIG_FORWARD_COUNT'],
  ['a forward without host', 'forwards: [ { proto: tcp, port: 5136 } ]', 'CONFIG_MISSING_KEY'],
  ['a forward outside the LAN', 'forwards: [ tcp 5136 -> 192.168.2.10 ]', 'CONFIG_FORWARD_OUTSIDE_LAN'],
  ['a forward to the router', 'forwards: [ tcp 5136 -> 192.168.1.1 ]', 'CONFIG_FORWARD_OUTSIDE_LAN'],
  [
    'two forwards of one port',
    'forwards: [ tcp+udp 5136-5140 -> 192.168.1.10, udp 5140 -> 192.168.1.11 ]',
    'CONFIG_FORWARD_CLASH',
  ],
  ['a reserved port that is a list', 'reservedPorts: [[1]]', 'CONFIG_WRONG_TYPE'],
  ['a relative target', 'files: [ { from: a, to: etc/motd } ]', 'CONFIG_BAD_TARGET_PATH'],
  ['a target with ..', 'files: [ { from: a, to: /etc/../x } ]', 'CONFIG_BAD_TARGET_PATH'],
  ['a target with //', 'files: [ { from: a, to: /etc//x } ]', 'CONFIG_BAD_TARGET_PATH'],
  ['a target that is a folder', 'files: [ { from: a, to: /etc/ } ]', 'CONFIG_BAD_TARGET_PATH'],
  ['a target with a blank', 'files: [ { from: a, to: /etc/a b } ]', 'CONFIG_BAD_TARGET_PATH'],
  ['a mode without quotes', 'files: [ { from: a, to: /a, mode: 0644 } ]', 'CONFIG_UNQUOTED'],
  ['a setuid mode', 'files: [ { from: a, to: /a, mode: "4755" } ]', 'CONFIG_BAD_MODE'],
  ['a target twice', 'files: [ { from: a, to: /a }, { from: b, to: /a } ]', 'CONFIG_DUPLICATE_VALUE'],
  ['a file inside a file', 'files: [ { from: a, to: /a }, { from: b, to: /a/b } ]', 'CONFIG_FILE_CLASH'],
  ['an anonymous section', 'uci: { network: { "@device[0]": { mtu: 1 } } }', 'CONFIG_BAD_UCI_NAME'],
  ['an option with a hyphen', 'uci: { network: { lan: { a-b: x } } }', 'CONFIG_BAD_UCI_NAME'],
  ['a configuration that is a path', 'uci: { ../x: { lan: { a: x } } }', 'CONFIG_BAD_UCI_NAME'],
  ['a section type with a blank', 'uci: { network: { lan: { .type: "a b" } } }', 'CONFIG_BAD_UCI_NAME'],
  ['an empty UCI value', 'uci: { network: { lan: { a: "" } } }', 'CONFIG_BAD_UCI_VALUE'],
  ['a UCI value of two lines', 'uci: { network: { lan: { a: "x\\ny" } } }', 'CONFIG_BAD_TEXT'],
  ['a UCI value that is true', 'uci: { network: { lan: { a: true } } }', 'CONFIG_UNQUOTED'],
  ['a UCI secret', 'uci: { network: { wg0: { private_key: abc } } }', 'CONFIG_UCI_SECRET'],
  ['an unknown key', 'hostnam: gate', 'CONFIG_UNKNOWN_KEY'],
  ['an unknown key inside', 'lan: { adress: 192.168.1.1/24 }', 'CONFIG_UNKNOWN_KEY'],
  ['a list as the file', '- prefix', 'CONFIG_WRONG_TYPE'],
];

describe('a setting of another form', () => {
  it.each(refused)('%s is found', (_, text, code) => {
    expect(codesOf(text)).toEqual([code]);
  });

  it.each([
    ['of 7 characters', q('1234567')],
    ['of 64 characters that are no digits', q('x'.repeat(64))],
    ['with a Japanese character', q('パスワード12345')],
  ])('a Wi-Fi key %s is found and not shown', (_, key) => {
    expect(codesOf(network(`key: ${key}`))).toContain('CONFIG_BAD_WIFI_KEY');
  });

  it('64 digits are refused where the passphrase itself is needed', () => {
    const digits = 'ab'.repeat(32);
    expect(codesOf(network(`key: "${digits}", encryption: sae-mixed`))).toContain('CONFIG_WIFI_KEY_SAE');
    expect(codesOf(network(`key: "${digits}", encryption: psk2`))).toEqual(['CONFIG_LITERAL_SECRET']);
  });

  it.each([
    ['MD5', '$1$abcdefgh$9iFYwkZAoVhW7a1yiYmPM1'],
    ['SHA-256', '$5$abcdefgh$4pln6dQeZEaf52TeGeUgJVTTrA1zXX8/.V29kfkHtO/'],
    ['SHA-512', HASH_6],
    ['bcrypt', `$2b$12$${'a'.repeat(53)}`],
  ])('a hash of %s in the file itself is a warning only', (_, hash) => {
    expect(codesOf(`root: { passwordHash: ${q(hash)} }`)).toEqual(['CONFIG_LITERAL_SECRET']);
  });

  it.each([
    ['yescrypt, which musl does not know', '$y$j9T$abcdefgh$F5Jx5fExrKuPp53xLKQ..1tnNnN3x6sOOkX9S1Xd3wD'],
    ['a hash cut short', HASH_6.slice(0, -1)],
    ['a plain password', 'correcthorse'],
    ['a hash with a colon', `${HASH_6}:0`],
    ['an empty text', ''],
  ])('%s is no password hash', (_, hash) => {
    expect(codesOf(`root: { passwordHash: ${q(hash)} }`)).toContain('CONFIG_BAD_PASSWORD_HASH');
  });
});
