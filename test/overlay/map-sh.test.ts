import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderOverlay } from '../../src/overlay/render.ts';
import { hasTool, makeBin, makeTempFolder, overlayInput, runAsh, writeTree } from './support.ts';

const busybox = hasTool('busybox');

/** What netifd's own functions would be, as a record of their calls. */
const NETIFD = `
json_get_vars() { for name in "$@"; do eval "$name=\\"\\$OPT_$name\\""; done; }
for name in json_init json_add_object json_close_object json_add_array json_close_array json_add_string json_add_int \\
	proto_init_update proto_send_update proto_add_ipv4_address proto_add_ipv4_route proto_add_ipv6_route \\
	proto_add_tunnel proto_close_tunnel proto_add_data proto_close_data proto_add_host_dependency \\
	proto_notify_error proto_block_restart proto_config_add_string proto_config_add_int proto_config_add_boolean; do
	eval "$name() { echo $name \\"\\$@\\"; }"
done
json_dump() { :; }
sleep() { echo "sleep $1"; }
ip() {
	echo "ip $*" >>"$IPKG_INSTROOT/calls"
	read -r state <"$IPKG_INSTROOT/address"; sed -i 1d "$IPKG_INSTROOT/address"
	echo "inet6 $4/128 scope global $state"
}
ifdown() { echo "ifdown $1"; }
INCLUDE_ONLY=1
. "$IPKG_INSTROOT/lib/netifd/proto/map.sh"
`;

const OPTIONS = {
  maptype: 'map-e',
  tunlink: 'wan6',
  peeraddr: '2404:9200:225:100::64',
  ipaddr: '14.8.0.0',
  ip4prefixlen: '15',
  ip6prefix: '240b:12::',
  ip6prefixlen: '31',
  ealen: '25',
  psidlen: '8',
  offset: '4',
  legacymap: '1',
};

const PORTSETS =
  '6016-6031 10112-10127 14208-14223 18304-18319 22400-22415 26496-26511 30592-30607 34688-34703 38784-38799 42880-42895 46976-46991 51072-51087 55168-55183 59264-59279 63360-63375 ';

function mapcalcAnswer(fields: Readonly<Record<string, string>> = {}): string {
  const rule = {
    FMR: '0',
    EALEN: '25',
    PSIDLEN: '8',
    OFFSET: '4',
    PREFIX4LEN: '15',
    PREFIX6LEN: '31',
    IPV4PREFIX: '14.8.0.0',
    IPV6PREFIX: '240b:12::',
    IPV6PD: '240b:12:3456:7800::',
    PD6LEN: '64',
    PD6IFACE: 'wan6',
    IPV6ADDR: '240b:12:3456:7800:e:834:5600:7800',
    IPV4ADDR: '14.8.52.86',
    ADDR4LEN: '32',
    PORTSETS: `'${PORTSETS}'`,
    BR: '2404:9200:225:100::64',
    ...fields,
  };
  const lines = Object.entries(rule).map(([name, value]) => `RULE_1_${name}=${value}`);
  return `${lines.join('\n')}\nRULE_BMR=1\nRULE_COUNT=1\n`;
}

let root: string;
let bin: string;

beforeEach(() => {
  root = makeTempFolder();
  writeTree(root, renderOverlay(overlayInput()));
  mkdirSync(join(root, 'tmp'));
  put('address');
  bin = makeBin(root, {
    // an answer for the interface; as a forwarding rule (`,fmr`) a rule is judged alone
    mapcalc: `case "$*" in *fmr*) [ ! -e "$IPKG_INSTROOT/bad-rule" ]; exit ;; esac
      echo "mapcalc $LEGACY $*" >>"$IPKG_INSTROOT/calls"
      [ -e "$IPKG_INSTROOT/answer" ] || exit 1; cat "$IPKG_INSTROOT/answer"`,
    ubus: `case "$*" in *add_dynamic*) echo add_dynamic ;; *) cat "$IPKG_INSTROOT/status" 2>/dev/null || echo '{}' ;; esac`,
    nft: `echo "nft $*" >>"$IPKG_INSTROOT/calls"; [ ! -e "$IPKG_INSTROOT/nft-fails" ]`,
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text = ''): void {
  writeFileSync(join(root, name), text);
}

function setup(options: Readonly<Record<string, string>> = OPTIONS, name = 'wan6mape'): string[] {
  const env = Object.fromEntries(Object.entries(options).map(([option, value]) => [`OPT_${option}`, value]));
  env.LOG = join(root, 'log');
  const run = runAsh(`${NETIFD}\nproto_map_setup ${name} ''`, { root, bin, env });
  expect(run.stderr).toBe('');
  return run.stdout.trimEnd().split('\n');
}

const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '');
const live = () => {
  const folder = join(root, 'var/run/mape-image');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.nft')) : [];
};

describe.runIf(busybox)('map.sh', () => {
  it('brings up the tunnel of the planned prefix, NAT first', () => {
    put('answer', mapcalcAnswer());
    const out = setup();
    expect(calls().split('\n').slice(0, 2)).toEqual([
      'mapcalc 1 wan6 type=map-e,ipv6prefix=240b:12::,prefix6len=31,ipv4prefix=14.8.0.0,prefix4len=15,ealen=25,psidlen=8,offset=4,br=2404:9200:225:100::64',
      `nft -f ${root}/usr/share/nftables.d/ruleset-post/50-mape-image.nft`,
    ]);
    expect(out).toEqual(
      expect.arrayContaining([
        'proto_add_host_dependency wan6mape  wan6',
        'proto_init_update map-wan6mape 1',
        'proto_add_ipv4_address 14.8.52.86   ',
        'json_add_string mode ipip6',
        'json_add_int mtu 1460',
        'json_add_int ttl 64',
        'json_add_string local 240b:12:3456:7800:e:834:5600:7800',
        'json_add_string remote 2404:9200:225:100::64',
        'json_add_string link wan6',
        'json_add_string encaplimit ignore',
        'proto_add_ipv4_route 0.0.0.0 0',
        'json_add_string name wan6mape_',
        'json_add_string ifname @wan6',
        'add_dynamic',
      ]),
    );
    expect(out).not.toContain('json_add_array firewall');
    expect(live()).toEqual([]);
    expect(existsSync(join(root, 'log'))).toBe(false);
  });

  it('puts the address of the tunnel on the line first, and waits until it may be used, 3 s at most', () => {
    put('answer', mapcalcAnswer());
    put('address', 'tentative\ntentative\n');
    const out = setup();
    const order = [
      'json_add_string name wan6mape_',
      'add_dynamic',
      'sleep 1',
      'sleep 1',
      'proto_init_update',
    ];
    expect(out.filter((line) => order.some((start) => line.startsWith(start)))).toEqual([
      ...order.slice(0, -1),
      'proto_init_update map-wan6mape 1',
    ]);
    expect(calls()).toContain('ip -6 addr show to 240b:12:3456:7800:e:834:5600:7800');
    put('address', 'tentative\n'.repeat(9));
    const slow = setup();
    expect(slow.filter((line) => line === 'sleep 1')).toHaveLength(3);
    expect(slow.at(-1)).toBe('proto_send_update wan6mape');
  });

  it('follows a line that gives another address than the image was built for, and says so', () => {
    put('answer', mapcalcAnswer({ IPV4ADDR: '14.8.52.87', IPV6ADDR: '240b:12:3457:7800:e:834:5700:7800' }));
    setup();
    expect(live()).toEqual(['10-wan6mape.nft']);
    const text = readFileSync(join(root, 'var/run/mape-image/10-wan6mape.nft'), 'utf8');
    expect(text).toContain('snat ip to 14.8.52.87:6016-6031');
    expect(text).not.toContain('include');
    expect(readFileSync(join(root, 'log'), 'utf8')).toContain('following the line');
    put('answer', mapcalcAnswer());
    setup();
    expect(live()).toEqual([]);
  });

  it('gives an interface of another name a table of its own and tells the guard', () => {
    put('answer', mapcalcAnswer());
    setup(OPTIONS, 'second');
    const text = readFileSync(join(root, 'var/run/mape-image/20-second.nft'), 'utf8');
    expect(text).toContain('table ip mape_if_second {');
    expect(text.trimEnd().split('\n').at(-1)).toBe('add element ip mape_guard tended { "map-second" }');
  });

  it('says where a gateway in front holds the rest of the prefix', () => {
    put('answer', mapcalcAnswer({ IPV6ADDR: '240b:12:3456:7810:e:834:5600:7800', PD6LEN: '60' }));
    setup();
    expect(readFileSync(join(root, 'log'), 'utf8')).toContain('another gateway');
  });

  it.each([
    ['no prefix', {}, 'NO_PREFIX'],
    ['a prefix of another rule', { status: '{"ipv6-prefix":[{"address":"2001:db8::"}]}' }, 'NO_MATCHING_PD'],
    ['a bad rule', { 'bad-rule': '' }, 'INVALID_MAP_RULE'],
    ['a prefix that is too short', { answer: mapcalcAnswer({ PD6LEN: '48' }) }, 'PREFIX_TOO_SHORT'],
    ['nft refusing', { answer: mapcalcAnswer(), 'nft-fails': '' }, 'NAT_FAILED'],
  ])('tells %s apart, waits, and is never blocked', (_, files, code) => {
    for (const [name, text] of Object.entries(files)) put(name, text);
    const out = setup();
    expect(out.find((line) => line.startsWith('proto_notify_error'))).toMatch(
      new RegExp(`^proto_notify_error wan6mape ${code} `),
    );
    expect(out.at(-1)).toMatch(/^sleep [1-9]/);
    expect(out.join('\n')).not.toMatch(/proto_block_restart|proto_send_update/);
    expect(readFileSync(join(root, 'log'), 'utf8')).toContain(code);
  });

  it('tries less often the longer it waits, logs a cause once, and forgets both on success', () => {
    const waits = Array.from({ length: 16 }, () => Number(setup().at(-1)?.split(' ')[1]));
    expect(waits[0]).toBe(2);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(26);
    expect(readFileSync(join(root, 'log'), 'utf8').match(/NO_PREFIX/g)).toHaveLength(1);
    put('answer', mapcalcAnswer());
    setup();
    rmSync(join(root, 'answer'));
    expect(setup().at(-1)).toBe('sleep 2');
  });

  it('evaluates nothing that comes back from mapcalc', () => {
    put('answer', mapcalcAnswer({ BR: '$(touch "$IPKG_INSTROOT/run")`touch "$IPKG_INSTROOT/run"`;touch x' }));
    const out = setup();
    expect(out).toContain(
      'json_add_string remote $(touch "$IPKG_INSTROOT/run")`touch "$IPKG_INSTROOT/run"`;touch x',
    );
    expect(existsSync(join(root, 'run'))).toBe(false);
  });

  it('hands forwarding rules to the tunnel', () => {
    const second = mapcalcAnswer({ FMR: '1', IPV6PREFIX: '240b:10::' }).replaceAll('RULE_1_', 'RULE_2_');
    put(
      'answer',
      `${mapcalcAnswer().replace('RULE_COUNT=1', 'RULE_COUNT=2')}${second.replace(/RULE_BMR.*\n.*\n/, '')}`,
    );
    const out = setup();
    expect(out).toContain('json_add_string prefix6 240b:10::/31');
    expect(out.filter((line) => line.startsWith('json_add_string prefix6'))).toHaveLength(1);
  });

  it('configures the translator of MAP-T, with IPv6 rules for its zone', () => {
    mkdirSync(join(root, 'proc/net/nat46'), { recursive: true });
    put('proc/net/nat46/control');
    put('answer', mapcalcAnswer({ DMR: '2001:db8:ffff::/64' }));
    const out = setup({ ...OPTIONS, maptype: 'map-t', zone: 'wan' });
    expect(readFileSync(join(root, 'proc/net/nat46/control'), 'utf8')).toContain(
      'config map-wan6mape local.style MAP0',
    );
    expect(out).toContain('json_add_string src_ip 240b:12:3456:7800:e:834:5600:7800');
    expect(out).not.toContain('json_add_string mode ipip6');
  });

  it('makes the tunnel of lightweight 4over6 from a given PSID, with NAT into its ports and no forwarding rules', () => {
    put(
      'answer',
      mapcalcAnswer({
        FMR: '1',
        EALEN: '0',
        PSIDLEN: '6',
        OFFSET: '0',
        PREFIX4LEN: '32',
        PREFIX6LEN: '64',
        IPV4PREFIX: '192.0.2.7',
        IPV6PREFIX: '2001:db8:1:2::',
        IPV6PD: '2001:db8:1:2::',
        IPV6ADDR: '2001:db8:1:2:0:c000:207:9',
        IPV4ADDR: '192.0.2.7',
        PORTSETS: "'9216-10239 '",
        BR: '2001:db8:ffff::1',
      }),
    );
    const out = setup({
      maptype: 'lw4o6',
      tunlink: 'wan6',
      peeraddr: '2001:db8:ffff::1',
      ipaddr: '192.0.2.7',
      ip6prefix: '2001:db8:1:2::',
      ip6prefixlen: '64',
      psidlen: '6',
      psid: '9216',
      offset: '0',
      mtu: '1452',
      encaplimit: '4',
    });
    expect(calls()).toContain(
      'mapcalc  wan6 type=lw4o6,ipv6prefix=2001:db8:1:2::,prefix6len=64,ipv4prefix=192.0.2.7,prefix4len=32,psidlen=6,psid=9216,offset=0,br=2001:db8:ffff::1\n',
    );
    expect(out).toEqual(
      expect.arrayContaining([
        'json_add_string mode ipip6',
        'json_add_int mtu 1452',
        'json_add_string local 2001:db8:1:2:0:c000:207:9',
        'json_add_string remote 2001:db8:ffff::1',
        'json_add_string encaplimit 4',
        'proto_add_ipv4_address 192.0.2.7   ',
        'proto_send_update wan6mape',
      ]),
    );
    expect(out).not.toContain('json_add_array fmrs');
    const text = readFileSync(join(root, 'var/run/mape-image/10-wan6mape.nft'), 'utf8');
    expect(text).toContain('snat ip to 192.0.2.7:9216-10239');
  });

  it.each([
    ['an unknown type', { ...OPTIONS, maptype: 'map-x' }, 'wan6mape'],
    ['MAP-T without its kernel module', { ...OPTIONS, maptype: 'map-t' }, 'wan6mape'],
    ['a name too long for a device', OPTIONS, 'wan6mapetwelve'],
  ])('refuses %s', (_, options, name) => {
    expect(setup(options, name).join('\n')).toContain('UNSUPPORTED_TYPE');
  });

  it('keeps the state other programs read', () => {
    put('answer', mapcalcAnswer());
    setup();
    const rules = readFileSync(join(root, 'tmp/map-wan6mape.rules'), 'utf8');
    expect(rules).toMatch(/^rule=type=map-e,/);
    expect(rules).toContain('RULE_1_IPV4ADDR=14.8.52.86');
  });
});

describe.runIf(busybox)('a change of prefixes', () => {
  const hotplug = `uci() { case "$*" in *show*) echo "network.wan6mape.proto='map'" ;; *tunlink) echo wan6 ;; esac; }
    ifup() { echo "ifup $1"; }
    ACTION=ifupdate INTERFACE=wan6 IFUPDATE_PREFIXES=1
    . "$IPKG_INSTROOT/etc/hotplug.d/iface/40-mape-image"`;
  const hear = () => runAsh(hotplug, { root, bin }).stdout.trim();

  it('leaves a tunnel alone whose figures stay', () => {
    put('answer', mapcalcAnswer());
    setup();
    put('status', '{"autostart":true}');
    expect(hear()).toBe('');
  });

  it('sets up again where the figures change, where the prefix went, and where one is still awaited', () => {
    put('answer', mapcalcAnswer());
    setup();
    put('status', '{"autostart":true}');
    put('answer', mapcalcAnswer({ IPV4ADDR: '14.8.52.87' }));
    expect(hear()).toBe('ifup wan6mape');
    rmSync(join(root, 'answer'));
    expect(hear()).toBe('ifup wan6mape');
    rmSync(join(root, 'tmp/map-wan6mape.rules'));
    expect(hear()).toBe('ifup wan6mape');
  });

  it('does not bring up what a person took down', () => {
    put('status', '{"autostart":false}');
    expect(hear()).toBe('');
  });
});
