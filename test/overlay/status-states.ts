import type { OverlayInput } from '../../src/overlay/render.ts';
import {
  connection,
  type Files,
  failure,
  rules,
  WAITING,
  WAN6_SILENT,
  WORKING,
  wan6,
} from './status-scene.ts';

export interface State {
  readonly name: string;
  readonly files: Files;
  /** Codes in the order of the answer, the verdict's first. */
  readonly codes: readonly string[];
  readonly exit: 0 | 1 | 2;
  readonly input?: Partial<OverlayInput>;
}

const network = WORKING['uci/network'] ?? '';
const statistics = 'sys/class/net/map-wan6mape/statistics';
const noReply: Files = { [`${statistics}/rx_packets`]: '0\n', [`${statistics}/rx_bytes`]: '0\n' };
const silent: Files = {
  ...WAITING,
  ...failure('NO_PREFIX', 'wan6 has no IPv6 prefix yet'),
  'ubus/wan6': WAN6_SILENT,
};
const mismatch = failure('NO_MATCHING_PD', 'the prefix here belongs to another rule or service');
const lineOf = (prefix: string): Files => ({
  ...WAITING,
  ...mismatch,
  'ubus/wan6': wan6(`${prefix}1`, prefix),
});
const full = Array.from({ length: 15 }, (_, range) => (range + 1) * 4096 + 1920)
  .flatMap((first) => Array.from({ length: 16 }, (_, port) => connection('tcp', first + port)))
  .slice(0, 228)
  .join('');

/** Every state mape-status tells apart, and how a router in it looks. */
export const STATES: readonly State[] = [
  { name: 'ok', files: {}, codes: ['OK'], exit: 0 },
  {
    name: 'firewall-stopped',
    files: {
      'nft/tables':
        'table ip mape_watch_1\ntable ip mape_watch_2\ntable ip mape_image\ntable ip mape_guard\n',
    },
    codes: ['FIREWALL_STOPPED'],
    exit: 1,
  },
  {
    name: 'idle',
    files: { ...noReply, [`${statistics}/tx_packets`]: '0\n', [`${statistics}/tx_bytes`]: '0\n' },
    codes: ['IDLE'],
    exit: 1,
  },
  {
    name: 'ports-exhausted',
    files: { 'proc/net/nf_conntrack': full },
    codes: ['PORTS_EXHAUSTED'],
    exit: 1,
  },
  {
    name: 'prefix-changed',
    files: {
      'tmp/map-wan6mape.rules': rules({
        IPV6PD: '240b:12:3457:7900::',
        IPV6ADDR: '240b:12:3457:7900:e:834:5700:7900',
        IPV4ADDR: '14.8.52.87',
        PORTSETS: "'6032-6047 10128-10143 '",
      }),
      'proc/net/if_inet6': '240b001234577900000e083457007900 05 80 00 80   eth0.2\n',
      'ubus/wan6': wan6('240b:12:3457:7900::1', '240b:12:3457:7900::'),
      'proc/net/nf_conntrack': connection('udp', 6033, '14.8.52.87'),
    },
    codes: ['PREFIX_CHANGED'],
    exit: 1,
  },
  {
    name: 'first-boot-incomplete',
    files: {
      'etc/mape-image/applied': undefined,
      'etc/mape-image/tries': `${'a1'.repeat(32)} 2\n`,
      'etc/mape-image/first-boot.log': 'not done: 20-lan; tried again at the next boot\n',
    },
    codes: ['FIRST_BOOT_INCOMPLETE'],
    exit: 1,
  },
  { name: 'booting', files: { ...silent, 'proc/uptime': '38.50 60.00\n' }, codes: ['BOOTING'], exit: 2 },
  {
    name: 'no-cable',
    files: { ...silent, swconfig: 'port:1 link:down\n' },
    codes: ['NO_CABLE'],
    exit: 2,
  },
  { name: 'no-ipv6', files: silent, codes: ['NO_IPV6'], exit: 2 },
  {
    name: 'dhcpv6-silent',
    files: { ...silent, neighbours: 'fe80::1 lladdr 02:00:5e:00:00:01 router STALE\n' },
    codes: ['DHCPV6_SILENT'],
    exit: 2,
  },
  {
    name: 'dhcpv6-silent-duid',
    files: {
      ...silent,
      neighbours: 'fe80::1 lladdr 02:00:5e:00:00:01 router STALE\n',
      'uci/network': network.replace("'0003000102005e10abcd'", "'0004d34db33f'"),
    },
    codes: ['DHCPV6_SILENT'],
    exit: 2,
  },
  { name: 'ngn-only', files: lineOf('2408:123:4567:8900::'), codes: ['NGN_ONLY'], exit: 2 },
  { name: 'other-ds-lite', files: lineOf('2409:11:2345:6700::'), codes: ['OTHER_SERVICE'], exit: 2 },
  { name: 'other-ipip', files: lineOf('2400:2410:1234:5600::'), codes: ['OTHER_SERVICE'], exit: 2 },
  { name: 'other-map-e', files: lineOf('2400:4151:8000:1234::'), codes: ['OTHER_SERVICE'], exit: 2 },
  {
    name: 'prefix-not-delegated',
    files: { ...silent, 'ubus/wan6': wan6('240b:12:3456:7800:205:5eff:fe10:abcd', '') },
    codes: ['PREFIX_NOT_DELEGATED'],
    exit: 2,
  },
  { name: 'no-matching-pd', files: lineOf('240b:251:3456:7800::'), codes: ['NO_MATCHING_PD'], exit: 2 },
  {
    name: 'invalid-map-rule',
    files: { ...WAITING, ...failure('INVALID_MAP_RULE', 'the rule itself is bad: type=map-e,ealen=99') },
    codes: ['INVALID_MAP_RULE'],
    exit: 2,
  },
  {
    name: 'unsupported-type',
    files: {
      ...WAITING,
      ...failure(
        'UNSUPPORTED_TYPE',
        'wanted map-e, map-t (with kmod-nat46) or lw4o6 and a name of 11 letters at most',
      ),
    },
    codes: ['UNSUPPORTED_TYPE'],
    exit: 2,
  },
  {
    name: 'prefix-too-short',
    files: {
      ...WAITING,
      ...failure('PREFIX_TOO_SHORT', 'the prefix here is shorter than the rule needs'),
      'ubus/wan6': wan6('', '240b:12:3456::', 48),
    },
    codes: ['PREFIX_TOO_SHORT'],
    exit: 2,
  },
  {
    name: 'prefix-is-part',
    files: {
      ...noReply,
      'tmp/map-wan6mape.rules': rules({
        IPV6PD: '240b:12:3456:7810::',
        PD6LEN: '60',
        IPV6ADDR: '240b:12:3456:7810:e:834:5600:7800',
      }),
      'proc/net/if_inet6': '240b001234567810000e083456007800 05 80 00 80   eth0.2\n',
      'ubus/wan6': wan6('', '240b:12:3456:7810::', 60),
    },
    codes: ['PREFIX_IS_PART'],
    exit: 2,
  },
  {
    name: 'nat-missing',
    files: { 'nft/tables': 'table inet fw4\n' },
    codes: ['NAT_MISSING'],
    exit: 2,
  },
  {
    name: 'nat-refused',
    files: { ...WAITING, ...failure('NAT_FAILED', 'nft refused the NAT table: no tunnel without it') },
    codes: ['NAT_MISSING'],
    exit: 2,
  },
  {
    name: 'tunnel-down',
    files: { 'sys/class/net/map-wan6mape/flags': '0x10d0\n' },
    codes: ['TUNNEL_DOWN'],
    exit: 2,
  },
  {
    name: 'ce-missing',
    files: { 'proc/net/if_inet6': '240b001234567800000e083456007800 05 80 00 c8   eth0.2\n' },
    codes: ['CE_MISSING'],
    exit: 2,
  },
  { name: 'no-reply', files: noReply, codes: ['NO_REPLY'], exit: 2 },
  {
    name: 'disabled',
    files: {
      'uci/network': `${network}network.wan6mape.disabled='1'\n`,
      ...WAITING,
      'ubus/wan6mape': undefined,
    },
    codes: ['INTERFACE_DISABLED'],
    exit: 2,
  },
  {
    name: 'interface-missing',
    files: {
      ...WAITING,
      'uci/network': network.replace(/network\.wan6mape.*\n/g, ''),
      'ubus/wan6mape': undefined,
    },
    codes: ['INTERFACE_MISSING'],
    exit: 2,
  },
  {
    name: 'first-boot-failed',
    files: {
      ...WAITING,
      'uci/network': "network.wan6=interface\nnetwork.wan6.proto='dhcpv6'\n",
      'ubus/wan6mape': undefined,
      'etc/mape-image/applied': undefined,
      'etc/mape-image/tries': `${'a1'.repeat(32)} 1\n`,
      'etc/mape-image/first-boot.log':
        'MAP-E settings not written, nothing changed: no firewall zone named wan, and none holds wan6; tried again at the next boot\n',
    },
    codes: ['FIRST_BOOT_FAILED'],
    exit: 2,
  },
  {
    name: 'several',
    files: {
      ...noReply,
      'nft/tables': 'table ip mape_image\ntable ip mape_guard\n',
      'nft/counters': `table ip mape_guard {\n\tcounter leak_port {\n\t\tpackets 17 bytes 1020\n\t}\n}\n`,
      'proc/net/nf_conntrack': full,
    },
    codes: ['NO_REPLY', 'FIREWALL_STOPPED', 'PORTS_EXHAUSTED'],
    exit: 2,
  },
];
