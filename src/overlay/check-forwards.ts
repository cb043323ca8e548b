import { Address4 } from 'ip-address';
import type { Forward, ResolvedConfig, TransportProto } from '../config/config.ts';
import type { Finding } from '../errors.ts';
import type { MapeParameters, PortRange } from '../mape/parameters.ts';
import type { OverlayFindingCode } from './errors.ts';
import { usablePorts } from './nat-view.ts';
import { coversPorts, formatPorts, mergePorts, subtractPorts } from './port-list.ts';

type PortSet = Pick<MapeParameters, 'psidLength' | 'portRanges'>;
type ForwardConfig = Pick<ResolvedConfig, 'forwards' | 'reservedPorts' | 'lan'>;

/** Below this many ports a household runs out of connections: a browser alone opens dozens. */
const SMALL_POOL = 64;

/** Ports that NAT must not give away: those of forwards and those kept for the router's own servers. */
export function keptPorts(config: Pick<ForwardConfig, 'forwards' | 'reservedPorts'>): readonly PortRange[] {
  return mergePorts([...config.reservedPorts, ...config.forwards.map(({ port }) => port)]);
}

/**
 * Whether every forward and every reserved port lies in the subscriber's port set, none overlap, and ports enough stay
 * for NAT. Each finding about a port outside the set lists the set (`details.usable`, ranges).
 */
export function checkForwards(mape: PortSet, config: ForwardConfig): readonly Finding[] {
  const shared = mape.psidLength > 0;
  const ranges = usablePorts(mape.portRanges);
  return [
    ...config.forwards.flatMap((forward) => [
      ...checkInSet('FORWARD_PORT_NOT_OURS', `forward ${forward.name}`, forward.name, forward.port, ranges),
      ...checkCount(forward),
      ...checkHost(forward, config.lan.address),
    ]),
    ...config.reservedPorts.flatMap((port) =>
      checkInSet('RESERVED_PORT_NOT_OURS', 'a reserved port', 'reservedPorts', port, ranges),
    ),
    ...checkOverlaps(config.forwards),
    ...(shared ? checkPool(ranges, keptPorts(config)) : []),
  ];
}

function checkInSet(
  code: OverlayFindingCode,
  what: string,
  name: string,
  port: PortRange,
  ranges: readonly PortRange[],
): readonly Finding[] {
  if (coversPorts(ranges, port)) return [];
  const usable = mergePorts(ranges).map(formatPorts);
  const wanted = formatPorts(port);
  return [
    {
      severity: 'error',
      code,
      message: `wanted ${what} inside the ports of this line (${usable.join(', ')}), found ${wanted}`,
      hint: 'choose a port from the list; no other port reaches this line',
      details: { name, port: wanted, usable },
    },
  ];
}

function checkCount(forward: Forward): readonly Finding[] {
  const count = forward.port[1] - forward.port[0] + 1;
  const hostCount = forward.hostPort[1] - forward.hostPort[0] + 1;
  if (count === hostCount) return [];
  return [
    {
      severity: 'error',
      code: 'FORWARD_COUNT_DIFFERS' satisfies OverlayFindingCode,
      message: `wanted as many ports at the host as outside in forward ${forward.name}, found ${hostCount} and ${count}`,
      hint: 'give both sides ranges of one length',
      details: { name: forward.name, count, hostCount },
    },
  ];
}

function checkHost({ name, host }: Forward, lanAddress: string | undefined): readonly Finding[] {
  const lan = new Address4(withLength(lanAddress ?? '192.168.1.1'));
  if (new Address4(host).isInSubnet(lan)) return [];
  const subnet = `${lan.startAddress().correctForm()}/${lan.subnetMask}`;
  return [
    {
      severity: 'warning',
      code: 'FORWARD_HOST_OUTSIDE_LAN' satisfies OverlayFindingCode,
      message: `wanted the host of forward ${name} in the LAN (${subnet}), found ${host}`,
      hint: 'check the address, or set lan.address to the subnet you mean',
      details: { name, host, subnet },
    },
  ];
}

function checkOverlaps(forwards: readonly Forward[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, first] of forwards.entries())
    for (const second of forwards.slice(index + 1)) {
      if (!shareProto(first.proto, second.proto)) continue;
      if (first.port[1] < second.port[0] || second.port[1] < first.port[0]) continue;
      findings.push({
        severity: 'error',
        code: 'FORWARD_OVERLAPS' satisfies OverlayFindingCode,
        message: `wanted each outside port in one forward, found ${first.name} and ${second.name} on the same`,
        hint: 'give one of them another port of the set',
        details: { first: first.name, second: second.name },
      });
    }
  return findings;
}

function checkPool(ranges: readonly PortRange[], kept: readonly PortRange[]): readonly Finding[] {
  const left = subtractPorts(ranges, kept).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (left >= SMALL_POOL) return [];
  return [
    {
      severity: left === 0 ? 'error' : 'warning',
      code: (left === 0 ? 'PORT_POOL_EMPTY' : 'PORT_POOL_SMALL') satisfies OverlayFindingCode,
      message: `wanted at least ${SMALL_POOL} ports for connections from the LAN, found ${left}`,
      hint: 'reserve and forward fewer ports',
      details: { left, wanted: SMALL_POOL },
    },
  ];
}

function shareProto(a: TransportProto, b: TransportProto): boolean {
  return a === b || a === 'tcp+udp' || b === 'tcp+udp';
}

function withLength(address: string): string {
  return address.includes('/') ? address : `${address}/24`;
}
