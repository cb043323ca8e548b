import { describe, expect, it } from 'vitest';
import { type Contents, readContents } from '../../src/image/contents/contents.ts';
import { checkModes } from '../../src/image/contents/modes.ts';
import { renderWan6mapeUci } from '../../src/overlay/uci-lines.ts';
import { mapeOf, SYNTHETIC } from '../overlay/support.ts';
import { serviceTable } from '../support/services.ts';
import { type Described, makeRoot } from './memory-root.ts';
import { buildRoot, planSample } from './planned-image.ts';

const read = (described: Readonly<Record<string, Described>>): Promise<Contents> =>
  readContents(makeRoot(described), serviceTable);

/** v6 Plus as people write it by hand. */
const BY_HAND = `config interface 'wan6mape'
	option proto 'map'
	option maptype 'map-e'
	option peeraddr '2404:9200:225:100::64'
	option ipaddr '106.72.0.0'
	option ip4prefixlen '15'
	option ip6prefix '240b:10::'
	option ip6prefixlen '31'
	option ealen '25'
	option psidlen '8'
	option offset '4'
	option legacymap '1'
	option tunlink 'wan6'
	option mtu '1460'
`;

describe('readContents of an image of ours', async () => {
  const planned = planSample();
  const contents = await readContents(buildRoot(planned), serviceTable);

  it('knows release, kernel and packages', () => {
    expect(contents.release).toEqual({
      distribution: 'OpenWrt',
      version: '24.10.4',
      revision: 'r28959-29397011cc',
      target: 'ath79/generic',
      architecture: 'mips_24kc',
      kernelVersions: ['6.6.110'],
    });
    expect(contents.packages?.manager).toBe('opkg');
    expect(contents.packages?.packages.map(({ name }) => name)).toContain('map');
  });

  it('decodes the MAP-E settings the plan has, with their service', () => {
    const [settings] = contents.mape;
    expect(contents.mape.length).toBe(1);
    const expected = Object.fromEntries(
      renderWan6mapeUci(mapeOf(SYNTHETIC.v6plus)).filter(([name]) => name !== 'proto'),
    );
    expect(settings?.interfaceName).toBe('wan6mape');
    expect(settings?.path).toBe('/usr/share/mape-image/uci/line.uci');
    expect(settings?.options).toEqual(expected);
    expect(settings?.implied).toEqual({ kind: 'rule', service: 'v6plus', differences: [] });
  });

  it('knows the plan and what it was built for', () => {
    expect(contents.own?.planId).toBe(planned.plan.id);
    expect(contents.own?.baked.get('SERVICE')).toBe('v6plus');
    expect(contents.own?.baked.get('IPV4')).toBe(planned.plan.mape.ipv4Address);
  });

  it('knows who may log in', () => {
    expect(contents.users).toEqual([{ name: 'root', uid: 0, gid: 0, shell: '/bin/ash', password: 'empty' }]);
    expect(contents.ssh.keys.map(({ fingerprint }) => fingerprint)).toEqual([
      'SHA256:Cr9W1mW/bOAh8i4gVzDYCudhfqc5R4H4gD7vCETJEs0',
    ]);
    expect(contents.ssh.servers).toEqual([
      { port: undefined, interface: undefined, passwordLogin: false, rootPasswordLogin: false },
    ]);
  });

  it('names the secrets and shows none', () => {
    expect(contents.secrets.map(({ kind, path }) => [kind, path])).toEqual([
      ['password-hash', '/usr/share/mape-image/secret/root'],
      ['wifi-key', '/usr/share/mape-image/secret/wifi'],
    ]);
    const shown = JSON.stringify(contents, (_, value) => (value instanceof Map ? [...value] : value));
    expect(shown).not.toMatch(/correct horse|verysecrethash|AAAAC3/);
  });

  it('names the scripts of the first boot and finds nothing wrong', () => {
    expect(contents.firstBootScripts).toEqual(['/etc/uci-defaults/99-mape']);
    expect(contents.findings).toEqual([]);
  });
});

describe('readContents of images made by hand', () => {
  it('decodes settings in /etc/config/network', async () => {
    const { mape, own } = await read({ '/etc/config/network': BY_HAND });
    expect(own).toBeUndefined();
    expect(mape[0]).toMatchObject({
      interfaceName: 'wan6mape',
      path: '/etc/config/network',
      options: { ip6prefix: '240b:10::', mtu: '1460' },
      implied: { kind: 'rule', service: 'v6plus', differences: [] },
    });
  });

  it('decodes settings of a first-boot script, whose last word counts', async () => {
    const script = `#!/bin/sh
BR=2404:9200:225:100::64
uci -q batch <<-EOF
	set network.mape=interface
	set network.mape.proto='map'
	set network.mape.peeraddr='$BR'
	set network.mape.ip6prefix='$(ubus call x)'
	set network.mape.mtu='1280'
EOF
uci set network.mape.mtu=1460
`;
    const { mape } = await read({
      '/etc/uci-defaults/99-x': script,
      '/etc/uci-defaults/98-y': 'uci set a.b=c',
    });
    expect(mape).toMatchObject([
      {
        interfaceName: 'mape',
        path: '/etc/uci-defaults/99-x',
        options: { peeraddr: '2404:9200:225:100::64', ip6prefix: null, mtu: '1460' },
        implied: { kind: 'relay', service: 'v6plus' },
      },
    ]);
  });

  it.each([
    [
      'another relay',
      "peeraddr '2404:9200:225:100::64'",
      "peeraddr '2001:db8::1'",
      [['peeraddr', '2404:9200:225:100::64', '2001:db8::1']],
    ],
    ['another offset', "option offset '4'", "option offset '6'", [['offset', '4', '6']]],
    ['no legacymap', "\toption legacymap '1'\n", '', [['legacymap', '1', null]]],
    ['no ealen', "\toption ealen '25'\n", '', [['ealen', '25', null]]],
    ['the same prefix in another form', '240b:10::', '240B:0010:0::', []],
  ])('tells what differs from the rule: %s', async (_, wanted, found, expected) => {
    const { mape } = await read({ '/etc/config/network': BY_HAND.replace(wanted, found) });
    const implied = mape[0]?.implied;
    expect(implied?.kind).toBe('rule');
    if (implied?.kind !== 'rule') return;
    expect(implied.differences.map((one) => [one.option, one.wanted, one.found])).toEqual(expected);
  });

  it.each([
    [
      'nothing known',
      "config interface x\n option proto map\n option ip6prefix '2001:db8::'\n",
      [{ kind: 'unknown' }],
    ],
    ['map-t', 'config interface x\n option proto map\n option maptype map-t\n', []],
    ['no MAP-E at all', 'config interface x\n option proto dhcp\n', []],
    [
      'the old name of maptype',
      'config interface x\n option proto map\n option type map-e\n',
      [{ kind: 'unknown' }],
    ],
  ])('judges %s', async (_, network, expected) => {
    const { mape } = await read({ '/etc/config/network': network });
    expect(mape.map(({ implied }) => implied)).toEqual(expected);
  });

  it('names secrets by their places', async () => {
    const { secrets } = await read({
      '/etc/config/wireless':
        "config wifi-iface 'ap'\n option key 'hunter2hunter2'\n option ssid 'x'\nconfig wifi-iface\n option key '1'\n option key1 's:abcde'\n",
      '/etc/uci-defaults/99-x':
        'uci set network.wan.password=\'hunter2\'\nuci set network.wg.private_key="$(wg genkey)"\n',
      '/etc/config/rpcd': "config login\n option password '$p$root'\n",
      '/etc/config/dropbear': "config dropbear\n option PasswordAuth 'on'\n",
      '/etc/passwd': 'root:x:0:0::/root:/bin/ash\n',
      '/etc/shadow': { text: 'root:$1$abc$hunter2:0:0:99999:7:::\n', mode: 0o600 },
      '/etc/uhttpd.key': 'x',
      '/etc/apk/keys/a.pem': 'x',
      '/etc/dropbear/dropbear_ed25519_host_key': { text: 'x', mode: 0o600 },
    });
    expect(secrets).toEqual([
      { kind: 'password-hash', path: '/etc/shadow', place: 'root' },
      { kind: 'private-key', path: '/etc/dropbear/dropbear_ed25519_host_key', place: undefined },
      { kind: 'private-key', path: '/etc/uhttpd.key', place: undefined },
      { kind: 'wifi-key', path: '/etc/config/wireless', place: 'wireless.ap.key' },
      { kind: 'wifi-key', path: '/etc/config/wireless', place: 'wireless.@wifi-iface.key1' },
      { kind: 'line-password', path: '/etc/uci-defaults/99-x', place: 'network.wan.password' },
    ]);
    expect(JSON.stringify(secrets)).not.toContain('hunter2');
  });

  it('goes on behind a file that is damaged, and says so', async () => {
    const { findings, mape } = await read({
      '/etc/config/network': BY_HAND,
      '/etc/config/system': "config system 'x",
      '/etc/passwd': 'root',
      '/lib/apk/db/installed': '?',
    });
    expect(mape.length).toBe(1);
    expect(findings.map(({ code, details }) => [code, details?.path])).toEqual([
      ['IMAGE_FILE_INVALID', '/lib/apk/db/installed'],
      ['IMAGE_FILE_INVALID', '/etc/passwd'],
      ['IMAGE_FILE_INVALID', '/etc/config/system'],
    ]);
  });

  it('warns of a second root', async () => {
    const { findings } = await read({
      '/etc/passwd': 'root:x:0:0::/root:/bin/ash\ntoor:x:0:0::/:/bin/ash\n',
    });
    expect(findings.map(({ code, details }) => [code, details?.name])).toEqual([
      ['IMAGE_SECOND_ROOT', 'toor'],
    ]);
  });

  it('reads an empty root', async () => {
    const contents = await read({});
    expect(contents).toMatchObject({
      packages: undefined,
      users: [],
      mape: [],
      own: undefined,
      secrets: [],
      findings: [],
    });
  });
});

describe('checkModes', () => {
  const find = (described: Readonly<Record<string, Described>>) =>
    checkModes(makeRoot(described).entries).map(({ code, details }) => [code, details?.paths]);

  it.each([
    [
      'a setuid program',
      { '/bin/su': { text: 'x', mode: 0o4755 } },
      [['IMAGE_SETID_FILE', ['/bin/su (4755)']]],
    ],
    [
      'a file everyone may change',
      { '/etc/x': { text: 'x', mode: 0o666 } },
      [['IMAGE_WORLD_WRITABLE', ['/etc/x (0666)']]],
    ],
    [
      'a folder everyone may change',
      { '/srv': { directory: 0o777 } },
      [['IMAGE_WORLD_WRITABLE', ['/srv (0777)']]],
    ],
    ['a folder with the sticky bit', { '/tmp': { directory: 0o1777 } }, []],
    ['a link', { '/var': { link: 'tmp' } }, []],
    ['a device', { '/dev/console': { device: [5, 1] } }, []],
    ['a file of a user', { '/etc/x': { text: 'x', uid: 1000 } }, [['IMAGE_OTHER_OWNER', ['/etc/x (0644)']]]],
    [
      'a closed folder on the way',
      { '/etc/uci-defaults': { directory: 0o700 }, '/etc/uci-defaults/x': 'x' },
      [['IMAGE_CLOSED_DIRECTORY', ['/etc/uci-defaults (0700)']]],
    ],
    [
      'a closed folder high above',
      { '/usr': { directory: 0o750 }, '/usr/lib/a/b': 'x', '/usr/lib/a/c': 'x' },
      [['IMAGE_CLOSED_DIRECTORY', ['/usr (0750)']]],
    ],
    [
      'two closed folders',
      { '/a': { directory: 0o700 }, '/a/b': { directory: 0o700 }, '/a/b/c': 'x' },
      [['IMAGE_CLOSED_DIRECTORY', ['/a (0700)', '/a/b (0700)']]],
    ],
    [
      "root's own folders",
      {
        '/root': { directory: 0o700 },
        '/root/.profile': 'x',
        '/etc/dropbear': { directory: 0o700 },
        '/etc/dropbear/authorized_keys': 'x',
      },
      [],
    ],
    [
      'a closed folder of closed files',
      { '/etc/own': { directory: 0o700 }, '/etc/own/x': { text: 'x', mode: 0o600 } },
      [],
    ],
    [
      'a closed root',
      { '/': { directory: 0o700 }, '/etc/x': 'x' },
      [['IMAGE_CLOSED_DIRECTORY', ['/ (0700)']]],
    ],
  ] as const)('%s', (_, described, expected) => {
    expect(find(described)).toEqual(expected);
  });

  it('names ten of many and counts the rest', () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`/x${index}`, { text: 'x', mode: 0o666 }]),
    );
    const [finding] = checkModes(makeRoot(many).entries);
    expect(finding?.details).toMatchObject({ count: 1_000, more: 990 });
    expect(finding?.details?.paths).toHaveLength(10);
  });

  it('takes no time over a deep tree', () => {
    const entries = makeRoot({ ['/a'.repeat(2_000)]: 'x' }).entries;
    const startedMs = performance.now();
    checkModes(entries);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });
});
