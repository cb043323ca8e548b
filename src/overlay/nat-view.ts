import type { MapeParameters, PortRange } from '../mape/parameters.ts';
import { formatPorts, mergePorts, subtractPorts } from './port-list.ts';
import { MAPE_INTERFACE } from './uci-lines.ts';

/** What the nft file is rendered from; every list may be empty. */
export interface NatView {
  /** The table that translates. */
  readonly table: string;
  /** The table that drops what was not translated. */
  readonly guard: string;
  readonly device: string;
  readonly guarded: string;
  readonly address: string;
  /** False for a full address: no port set, plain SNAT. */
  readonly shared: boolean;
  /** The whole port set, as `first-last` or a single port: nft 1.0.2 takes no range of one. */
  readonly ports: readonly string[];
  /** What NAT picks from: the set less the ports kept for servers, one chain each. */
  readonly pool: readonly { readonly index: number; readonly ports: string }[];
  /** Indices into `pool`, the order in which new connections go round. */
  readonly slots: readonly number[];
  /** 0, 1, …: each counts the turns of its share of the destinations. */
  readonly counters: readonly number[];
}

/** At most this many turns of one range in a round; 16 is the size of a range in every Japanese service. */
const MAX_ROUNDS = 16;
/** So many that two busy destinations rarely share a count; each costs the router one chain of one rule. */
const COUNTERS = 32;

/**
 * Ranges, chains and rotation of the NAT over a port set.
 *
 * `usr/lib/mape-image/nat.sh` computes the same on the router for a prefix that differs from the one planned.
 *
 * @param kept ports of forwards and of the router's own servers: outside the pool, inside the set
 */
export function computeNatView(
  mape: Pick<MapeParameters, 'ipv4Address' | 'psidLength' | 'portRanges'>,
  kept: readonly PortRange[],
): NatView {
  const shared = mape.psidLength > 0;
  const ranges = shared ? usablePorts(mape.portRanges) : [];
  const pool = subtractPorts(ranges, mergePorts(kept));
  return {
    table: 'mape_image',
    guard: 'mape_guard',
    device: `map-${MAPE_INTERFACE}`,
    guarded: 'map-*',
    address: mape.ipv4Address,
    shared,
    ports: ranges.map(formatPorts),
    pool: pool.map((range, index) => ({ index, ports: formatPorts(range) })),
    slots: computeSlots(pool.map(([first, last]) => last - first + 1)),
    counters: Array.from({ length: COUNTERS }, (_, index) => index),
  };
}

/** The set without port 0, which no connection can have; mapcalc leaves it out as well. */
export function usablePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  return subtractPorts(ranges, [[0, 0]]);
}

/**
 * The order in which ranges take new connections, each as often as its size asks, spread evenly over the round.
 *
 * A range that is used up loses connections, because NAT does not fall through to the next: a range of three ports must
 * not get as many as one of sixteen, and no range several in a row.
 *
 * @param sizes ports in each range
 */
export function computeSlots(sizes: readonly number[]): readonly number[] {
  const largest = Math.max(0, ...sizes);
  if (sizes.every((size) => size === largest)) return sizes.map((_, index) => index);
  const rounds = Math.min(largest, MAX_ROUNDS);
  const turns = sizes.map((size) => Math.ceil((size * rounds) / largest));
  const slots: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const [index, count] of turns.entries())
      if (Math.floor(((round + 1) * count) / rounds) > Math.floor((round * count) / rounds))
        slots.push(index);
  return slots;
}

/** The port set as mapcalc prints it, where a single port is a range, too; empty for a full address. */
export function formatMapcalcPorts(mape: Pick<MapeParameters, 'psidLength' | 'portRanges'>): string {
  const ranges = mape.psidLength > 0 ? usablePorts(mape.portRanges) : [];
  return ranges.map(([first, last]) => `${first}-${last}`).join(' ');
}

/** Ports as a line of text for the shell: `5136 9232-9235`. */
export function formatPortWords(ranges: readonly PortRange[]): string {
  return mergePorts(ranges).map(formatPorts).join(' ');
}
