import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OverlayInput, renderOverlay } from '../../src/overlay/render.ts';
import { readFixture } from '../support/fixtures.ts';
import { makeBin, makeTempFolder, overlayInput, PLAN_A, runAsh, writeTree } from './support.ts';

/** Text of files of the router by path; `undefined`: the file is not there. */
export type Files = Readonly<Record<string, string | undefined>>;

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const PREFIX = '240b:12:3456:7800::';
const CE_HEX = '240b001234567800000e083456007800';

/** netifd's answer for an interface; members as netifd prints them. */
export function netifd(members: object): string {
  return JSON.stringify({ up: false, pending: true, available: true, autostart: true, ...members });
}

/** The WAN side with a public address and, unless it is empty, a prefix. */
export function wan6(address: string, prefix: string, mask = 64): string {
  return netifd({
    up: true,
    pending: false,
    l3_device: 'eth0.2',
    device: 'eth0.2',
    'ipv6-address': address === '' ? [] : [{ address, mask: 64 }],
    'ipv6-prefix': prefix === '' ? [] : [{ address: prefix, mask, class: 'wan6', assigned: {} }],
  });
}

export const WAN6_SILENT = netifd({ device: 'eth0.2', 'ipv6-address': [], 'ipv6-prefix': [] });

/** What map.sh keeps of mapcalc's answer. */
export function rules(fields: Readonly<Record<string, string>> = {}): string {
  const rule = {
    IPV6PD: PREFIX,
    PD6LEN: '64',
    PD6IFACE: 'wan6',
    IPV6ADDR: '240b:12:3456:7800:e:834:5600:7800',
    IPV4ADDR: '14.8.52.86',
    PORTSETS: `'${PORTSETS} '`,
    BR: '2404:9200:225:100::64',
    ...fields,
  };
  const lines = Object.entries(rule).map(([name, value]) => `RULE_1_${name}=${value}`);
  return `rule=type=map-e,br=${rule.BR}\nlegacy=1\n${lines.join('\n')}\nRULE_BMR=1\nRULE_COUNT=1\n\n`;
}

export const PORTSETS =
  '6016-6031 10112-10127 14208-14223 18304-18319 22400-22415 26496-26511 30592-30607 34688-34703 38784-38799 ' +
  '42880-42895 46976-46991 51072-51087 55168-55183 59264-59279 63360-63375';

/** One line of /proc/net/nf_conntrack for a connection of the LAN. */
export function connection(proto: 'tcp' | 'udp' | 'icmp', port: number, address = '14.8.52.86'): string {
  const number = { tcp: 6, udp: 17, icmp: 1 }[proto];
  if (proto === 'icmp')
    return `ipv4     2 icmp     1 29 src=192.168.1.20 dst=198.51.100.7 type=8 code=0 id=77 src=198.51.100.7 dst=${address} type=0 code=0 id=${port} mark=0 zone=0 use=2\n`;
  const state = proto === 'tcp' ? 'ESTABLISHED ' : '';
  return `ipv4     2 ${proto}      ${number} 7430 ${state}src=192.168.1.20 dst=198.51.100.7 sport=40000 dport=443 packets=9 bytes=900 src=198.51.100.7 dst=${address} sport=443 dport=${port} packets=8 bytes=800 [ASSURED] mark=0 zone=0 use=2\n`;
}

export function counters(counts: Readonly<Record<string, number>> = {}): string {
  const names = ['device', 'source', 'port', 'echo', 'protocol'];
  const text = names.map(
    (name) =>
      `\tcounter leak_${name} {\n\t\tpackets ${counts[name] ?? 0} bytes ${(counts[name] ?? 0) * 60}\n\t}\n`,
  );
  return `table ip mape_guard {\n${text.join('')}}\n`;
}

const TABLES =
  'table inet fw4\ntable ip mape_watch_1\ntable ip mape_watch_2\ntable ip mape_image\ntable ip mape_guard\n';

export const WORKING: Files = {
  'uci/network': `network.wan6=interface
network.wan6.device='eth0.2'
network.wan6.proto='dhcpv6'
network.wan6.clientid='0003000102005e10abcd'
network.wan6.extendprefix='1'
network.wan6mape=interface
network.wan6mape.proto='map'
network.wan6mape.maptype='map-e'
network.wan6mape.tunlink='wan6'
`,
  'uci/firewall': "firewall.mape_br=rule\nfirewall.mape_br.name='mape-br'\n",
  'ubus/wan6mape': netifd({ up: true, pending: false, uptime: 3720, l3_device: 'map-wan6mape' }),
  'ubus/wan6': wan6('240b:12:3456:7800:205:5eff:fe10:abcd', PREFIX),
  'tmp/map-wan6mape.rules': rules(),
  'sys/class/net/map-wan6mape/flags': '0x10d1\n',
  'sys/class/net/map-wan6mape/statistics/rx_packets': '48211\n',
  'sys/class/net/map-wan6mape/statistics/rx_bytes': '51234567\n',
  'sys/class/net/map-wan6mape/statistics/tx_packets': '30110\n',
  'sys/class/net/map-wan6mape/statistics/tx_bytes': '4123456\n',
  'sys/class/net/eth0.2/carrier': '1\n',
  'proc/net/if_inet6': `00000000000000000000000000000001 01 80 10 80       lo\n${CE_HEX} 05 80 00 80   eth0.2\n`,
  'proc/net/nf_conntrack': `${connection('tcp', 6016)}${connection('tcp', 6016)}${connection('tcp', 10112)}${connection('udp', 63375)}${connection('icmp', 6031)}`,
  'proc/uptime': '3800.12 7000.00\n',
  'etc/board.json': readFixture('overlay/network/board-v24.10.8.json'),
  swconfig: 'port:1 link:up speed:1000baseT full-duplex\n',
  neighbours: '',
  'nft/tables': TABLES,
  'nft/counters': counters(),
  'etc/mape-image/applied': `${PLAN_A}\n`,
  'etc/mape-image/first-boot.log': `plan ${PLAN_A}, try 1, before: none\nplan ${PLAN_A} applied\n`,
};

/** A line that is there, and a tunnel that is not. */
export const WAITING: Files = {
  'ubus/wan6mape': netifd({}),
  'tmp/map-wan6mape.rules': undefined,
  'sys/class/net/map-wan6mape/flags': undefined,
  'sys/class/net/map-wan6mape/statistics/rx_packets': undefined,
  'sys/class/net/map-wan6mape/statistics/rx_bytes': undefined,
  'sys/class/net/map-wan6mape/statistics/tx_packets': undefined,
  'sys/class/net/map-wan6mape/statistics/tx_bytes': undefined,
  'proc/net/if_inet6': '00000000000000000000000000000001 01 80 10 80       lo\n',
  'proc/net/nf_conntrack': '',
};

/** A failure of map.sh: what it writes and what netifd says. */
export function failure(code: string, text: string): Files {
  return {
    'tmp/map-wan6mape.error': `${code}\n`,
    'ubus/wan6mape': netifd({ errors: [{ subsystem: 'wan6mape', code, data: [text] }] }),
  };
}

// functions, since some builds of ash prefer their own applets to programs on PATH
const PROGRAMS = `
ubus() { cat "$IPKG_INSTROOT/ubus/\${2#network.interface.}" 2>/dev/null; }
uci() { cat "$IPKG_INSTROOT/uci/$3" 2>/dev/null; }
nft() {
	case "$*" in
	'list tables') cat "$IPKG_INSTROOT/nft/tables" ;;
	'list counters table ip mape_guard') cat "$IPKG_INSTROOT/nft/counters" ;;
	*) echo "unexpected: nft $*" >&2 ;;
	esac
}
ip() { [ "$*" != '-6 neigh show dev eth0.2' ] || cat "$IPKG_INSTROOT/neighbours"; }
swconfig() { [ "$*" != 'dev switch0 port 1 get link' ] || cat "$IPKG_INSTROOT/swconfig"; }
`;

/** Run mape-status on a router with these files over those of a working one. */
export function runStatus(
  files: Files,
  args: readonly string[] = ['--json'],
  options: {
    readonly input?: Partial<OverlayInput>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Answer {
  const root = makeTempFolder();
  try {
    const bin = makeBin(root);
    writeTree(root, renderOverlay(overlayInput(options.input)));
    for (const [path, text] of Object.entries({ ...WORKING, ...files })) {
      if (text === undefined) {
        rmSync(join(root, path), { force: true });
        continue;
      }
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const words = args.map((word) => `'${word}'`).join(' ');
    const run = runAsh(`${PROGRAMS}set -- ${words}\n. "$IPKG_INSTROOT/usr/sbin/mape-status"`, {
      root,
      bin,
      env: { LC_ALL: '', LANG: '', ...options.env },
    });
    return { status: run.status ?? -1, stdout: run.stdout, stderr: run.stderr };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
