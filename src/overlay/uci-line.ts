import type { Forward, Ipv6Opening, TransportProto } from '../config/config.ts';
import { foldRuleName } from '../config/fields/ports.ts';
import type { MapeParameters } from '../mape/parameters.ts';
import { formatPorts } from './port-list.ts';
import { MAPE_INTERFACE, renderWan6mapeUci } from './uci-lines.ts';
import { deleteOption, setOption, setSection, type UciOp } from './uci-op.ts';

export type AssumedLine = 'ra' | 'pd' | 'both';

export interface LineSettings {
  readonly forwards: readonly Forward[];
  readonly openings: readonly Ipv6Opening[];
}

/**
 * What makes MAP-E work: interfaces, DHCP and firewall, but for what only the router knows (WAN device, MAC address, zone).
 */
export function computeLineUci(
  mape: MapeParameters,
  line: AssumedLine,
  settings: LineSettings,
): readonly UciOp[] {
  return [
    ...computeInterface(mape),
    ...computeLineType(line),
    ...computeRelayRule(mape.br),
    ...settings.forwards.flatMap(computeForward),
    ...settings.openings.flatMap(computeOpening),
  ];
}

function computeInterface(mape: MapeParameters): readonly UciOp[] {
  const section = `network.${MAPE_INTERFACE}`;
  const options = renderWan6mapeUci(mape);
  const unused = ['rule', 'psid'].filter((name) => !options.some(([option]) => option === name));
  return [
    ...setSection(section, 'interface', options),
    ...unused.map((option) => deleteOption(`${section}.${option}`)),
  ];
}

/**
 * How IPv6 reaches the LAN.
 *
 * - `ra`: the line has one /64 and delegates nothing. `extendprefix` makes it a prefix mapcalc can see and follows a
 *   changed one, which a literal `ip6prefix` does not; the LAN shares it by relay, wan6 as master (RFC 7278, RFC 4389).
 * - `pd`: a prefix is delegated, the LAN has a part of its own.
 * - `both`: `extendprefix` counts only where nothing is delegated, and a server announces whatever part the LAN got. A /64
 *   shared with the line needs its neighbour discovery relayed; on a delegated prefix nobody asks.
 *
 * @see openwrt package/network/ipv6/odhcp6c/files/dhcpv6.script (RFC 7278); openwrt/odhcpd README (ra, dhcpv6, ndp, master)
 */
function computeLineType(line: AssumedLine): readonly UciOp[] {
  const relayed = line === 'ra';
  const shared = line !== 'pd';
  const lan = relayed ? 'relay' : 'server';
  const wan6 = 'network.wan6';
  return [
    deleteOption(`${wan6}.ip6prefix`),
    shared ? setOption(`${wan6}.extendprefix`, '1') : deleteOption(`${wan6}.extendprefix`),
    ...(relayed ? [] : [setOption(`${wan6}.reqprefix`, 'auto'), setOption('network.lan.ip6assign', '60')]),
    ...setSection('dhcp.wan6', 'dhcp', [
      ['interface', 'wan6'],
      // for dnsmasq: no DHCPv4 towards the line
      ['ignore', '1'],
      ['master', shared ? '1' : undefined],
      ['ra', relayed ? 'relay' : undefined],
      ['dhcpv6', relayed ? 'relay' : undefined],
      ['ndp', shared ? 'relay' : undefined],
    ]),
    ...setSection('dhcp.lan', 'dhcp', [
      ['interface', 'lan'],
      ['ra', lan],
      ['dhcpv6', lan],
      ['ndp', shared ? 'relay' : undefined],
    ]),
  ];
}

/**
 * Let the relay's packets in. fw4 knows them only by the connection our own outbound packets made, so a forward would
 * answer only while the line is in use.
 */
function computeRelayRule(br: string): readonly UciOp[] {
  return setSection('firewall.mape_br', 'rule', [
    ['name', 'mape-br'],
    ['src', 'wan'],
    ['family', 'ipv6'],
    // IPv4 in IPv6, RFC 2473 §3
    ['proto', '4'],
    ['src_ip', br],
    ['target', 'ACCEPT'],
  ]);
}

/** One redirect; several where ports shift, since NAT onto a range keeps a port only where it lies in that range. */
function computeForward(forward: Forward): readonly UciOp[] {
  const name = foldRuleName(forward.name);
  const [[first, last], [hostFirst]] = [forward.port, forward.hostPort];
  if (first === hostFirst || first === last)
    return computeRedirect(
      `mape_fwd_${name}`,
      forward,
      formatPorts(forward.port),
      formatPorts(forward.hostPort),
    );
  return Array.from({ length: last - first + 1 }, (_, offset) =>
    computeRedirect(
      `mape_fwds_${first + offset}_${name}`,
      forward,
      String(first + offset),
      String(hostFirst + offset),
    ),
  ).flat();
}

function computeRedirect(
  section: string,
  forward: Forward,
  port: string,
  hostPort: string,
): readonly UciOp[] {
  return setSection(`firewall.${section}`, 'redirect', [
    ['name', forward.name],
    ['target', 'DNAT'],
    ['src', 'wan'],
    ['dest', 'lan'],
    ['family', 'ipv4'],
    ['proto', formatProto(forward.proto)],
    ['src_dport', port],
    ['dest_ip', forward.host],
    ['dest_port', hostPort],
    // hairpin: hosts of the LAN reach the forward under the outside address
    ['reflection', '1'],
  ]);
}

function computeOpening(opening: Ipv6Opening): readonly UciOp[] {
  const { host } = opening;
  return setSection(`firewall.mape_v6_${foldRuleName(opening.name)}`, 'rule', [
    ['name', opening.name],
    ['src', 'wan'],
    ['family', 'ipv6'],
    ['proto', opening.proto === 'icmp' ? 'icmp' : formatProto(opening.proto)],
    ['dest', host === undefined ? undefined : 'lan'],
    // a suffix follows a changed prefix: fw4 compares the low 64 bits
    ['dest_ip', host?.startsWith('::') ? `${host}/-64` : host],
    ['dest_port', opening.ports.length === 0 ? undefined : opening.ports.map(formatPorts).join(' ')],
    ['target', 'ACCEPT'],
  ]);
}

function formatProto(proto: TransportProto): string {
  return proto === 'tcp+udp' ? 'tcp udp' : proto;
}
