/** What one prefix stands for at the relay. */
export interface Subscriber {
  /** Of its tunnel and counters at the relay. */
  readonly name: string;
  /** What the line hands out. */
  readonly prefix: string;
  readonly ipv4: string;
  readonly ce: string;
  readonly br: string;
  readonly ports: readonly (readonly [first: number, last: number])[];
}

/** RFC 7597 §5.1: port = A·2^(16-a) + PSID·2^m + M with A > 0 and m = 16 - a - k */
function portSet(a: number, k: number, psid: number): readonly (readonly [number, number])[] {
  const m = 16 - a - k;
  return Array.from({ length: 2 ** a - 1 }, (_, i) => {
    const first = (i + 1) * 2 ** (16 - a) + psid * 2 ** m;
    return [first, first + 2 ** m - 1] as const;
  });
}

/**
 * v6 Plus: rule 240b:12::/31 → 14.8.0.0/15, 25 EA bits. By hand from 240b:0012:3456:7800: the last bit of the second
 * hextet and the third are the host part, 0.0x34.0x56 → 14.8.52.86; the upper byte of the fourth, 0x78, the PSID.
 */
export const V6PLUS: Subscriber = {
  name: 'a',
  prefix: '240b:12:3456:7800::/64',
  ipv4: '14.8.52.86',
  ce: '240b:12:3456:7800:e:834:5600:7800',
  br: '2404:9200:225:100::64',
  ports: portSet(4, 8, 0x78),
};

/** Another line of the same rule. */
export const V6PLUS_MOVED: Subscriber = {
  ...V6PLUS,
  name: 'b',
  prefix: '240b:12:3457:9a00::/64',
  ipv4: '14.8.52.87',
  ce: '240b:12:3457:9a00:e:834:5700:9a00',
  ports: portSet(4, 8, 0x9a),
};

/** Of no MAP-E rule at all (RFC 3849). */
export const FOREIGN_PREFIX = '2001:db8:77:100::/64';

/** OCN: rule 2400:4151:8000::/36 → 153.187.0.0/18, 20 EA bits: fourteen zeros, then PSID 0x12. */
export const OCN: Subscriber = {
  name: 'a',
  prefix: '2400:4151:8000:1200::/56',
  ipv4: '153.187.0.0',
  ce: '2400:4151:8000:1200:99:bb00:0:1200',
  br: '2001:380:a120::9',
  ports: portSet(6, 6, 0x12),
};

export function isInSet({ ports }: Subscriber, port: number): boolean {
  return ports.some(([first, last]) => first <= port && port <= last);
}

export function countPorts({ ports }: Subscriber): number {
  return ports.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
