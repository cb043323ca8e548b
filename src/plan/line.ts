import type { Line } from '../config/config.ts';

export interface LineChoice {
  readonly configured: Line;
  readonly assumed: 'ra' | 'pd' | 'both';
  readonly reason: string;
}

/**
 * Which way IPv6 arrives: a /64 by router advertisement or a prefix by DHCPv6-PD.
 *
 * `auto` takes a hint from the form of the prefix: a /64 or an address was read off a WAN interface that has one, which
 * a line without delegation shows; a /56 or /60 is what delegation shows.
 *
 * @param bits length as the user wrote it, 128 for a bare address
 */
export function chooseLine(configured: Line, bits: number): LineChoice {
  if (configured !== 'auto') return { configured, assumed: configured, reason: 'as configured' };
  return bits < 64
    ? { configured, assumed: 'pd', reason: `a /${bits} is what DHCPv6-PD hands out` }
    : {
        configured,
        assumed: 'ra',
        reason: 'a /64 or an address is what a line with router advertisements shows',
      };
}
