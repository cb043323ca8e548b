import type { PortRange } from './parameters.ts';

/** How a port carries its PSID: `A | PSID | M` of `offset`, `length` and the remaining bits. */
export interface PortFormat {
  readonly psidOffset: number;
  readonly psidLength: number;
}

/**
 * The ports of one PSID, inclusive, ascending.
 *
 * With PSID length 0 the address is not shared and every port is the subscriber's.
 *
 * @see RFC 7597 §5.1 and appendix B
 */
export function computePortRanges(
  { psidOffset, psidLength }: PortFormat,
  psid: number,
): readonly PortRange[] {
  if (psidLength === 0) return [[0, 65535]];
  const contiguousBits = 16 - psidOffset - psidLength;
  const size = 2 ** contiguousBits;
  // RFC 7597 §5.1: for an offset above 0, A > 0 keeps the system ports out.
  const firstA = psidOffset === 0 ? 0 : 1;
  const ranges: PortRange[] = [];
  for (let a = firstA; a < 2 ** psidOffset; a += 1) {
    // RFC 7597 §5.1: port = A·2^(16-a) + PSID·2^m + M
    const first = a * 2 ** (16 - psidOffset) + psid * size;
    ranges.push([first, first + size - 1]);
  }
  return ranges;
}

export function countPorts(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function containsPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(([first, last]) => first <= port && port <= last);
}
