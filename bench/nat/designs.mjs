// Every known way to translate into a port set, as nft text for one device. None of these has the guard of the overlay.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESS, DEVICE } from './lab.mjs';

const OVERLAY = join(import.meta.dirname, '../../overlays/mape');

const entries = (items, entry) =>
  `{ ${items.map((item, index) => `${index} : ${entry(item, index)}`).join(', ')} }`;
const text = ([first, last]) => `${first}-${last}`;
const snat = (ports) =>
  ['tcp', 'udp', 'icmp'].map((proto) => `meta l4proto ${proto} snat ip to ${ADDRESS}:${ports}`).join('\n');
const rangeChains = (ranges) =>
  ranges.map((range, index) => `chain range_${index} {\n${snat(text(range))}\n}`).join('\n');
const turn = (ranges, target = 'range') =>
  `numgen inc mod ${ranges.length} vmap ${entries(ranges, (_, index) => `goto ${target}_${index}`)}`;
const translate = (body) =>
  `chain translate {\ntype nat hook postrouting priority 99; policy accept;\noifname != "${DEVICE}" return\n${body}\n}`;
const table = (...parts) => `table ip mape_image {\n${parts.join('\n')}\n}`;
const byEndpoint = (ranges) =>
  `jhash ip saddr . th sport mod ${ranges.length} vmap ${entries(ranges, (_, index) => `goto range_${index}`)}`;

/** What upstream's map.sh makes fw4 write: the first matching rule takes everything. */
function stock(ranges) {
  const rules = ranges.flatMap((range) =>
    ['tcp', 'udp'].map((proto) => `meta l4proto ${proto} snat ip to ${ADDRESS}:${text(range)}`),
  );
  return table(translate([...rules, 'masquerade'].join('\n')));
}

/** The recipe of most guides: one port for each new connection, in turn. */
function fixed(ranges) {
  const ports = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  const rules = ['icmp', 'tcp', 'udp'].map(
    (proto) =>
      `meta l4proto ${proto} snat ip to ${ADDRESS} : numgen inc mod ${ports.length} map ${entries(ports, (port) => port)}`,
  );
  return table(translate(rules.join('\n')));
}

/** Ranges in turn; the kernel finds the port in them. */
function rotate(ranges) {
  return table(rangeChains(ranges), translate(turn(ranges)));
}

/** The inside endpoint chooses the range. */
function hash(ranges) {
  return table(
    rangeChains(ranges),
    translate(`meta l4proto { tcp, udp } ${byEndpoint(ranges)}\n${turn(ranges)}`),
  );
}

/** UDP to ports from 1024 by hash, all else in turn. */
function hybrid(ranges) {
  return table(rangeChains(ranges), translate(`udp dport >= 1024 ${byEndpoint(ranges)}\n${turn(ranges)}`));
}

const COUNT_KEY = 'ip daddr . meta l4proto . th dport';
const COUNT_TYPE = 'type ipv4_addr . inet_proto . inet_service';

/** In turn, then up to three next ranges where a count of connections (nft_connlimit) says that one is full. */
function fallbackParts(ranges) {
  const sets = ranges.map((_, index) => `set count_${index} {\n${COUNT_TYPE}\nsize 4096\nflags dynamic\n}`);
  const tries = [3, 2, 1, 0].flatMap((step) =>
    ranges.map(([first, last], index) => {
      const next = `goto try${step + 1}_${(index + 1) % ranges.length}`;
      const full = `add @count_${index} { ${COUNT_KEY} ct count over ${last - first + 1} } ${next}`;
      return `chain try${step}_${index} {\n${step < 3 ? full : ''}\ngoto range_${index}\n}`;
    }),
  );
  return [...sets, rangeChains(ranges), ...tries];
}

function fallback(ranges) {
  return table(
    ...fallbackParts(ranges),
    translate(`meta l4proto { tcp, udp } ${turn(ranges, 'try0')}\n${turn(ranges)}`),
  );
}

/** One contiguous window towards the kernel, mapped to the real ports packet by packet at the edge. */
function pool(ranges) {
  const ports = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  const base = 20_000;
  const out = `{ ${ports.map((port, index) => `${base + index} : ${port}`).join(', ')} }`;
  const back = `{ ${ports.map((port, index) => `${port} : ${base + index}`).join(', ')} }`;
  const each = (format) =>
    [
      ['tcp', 'sport', 'dport'],
      ['udp', 'sport', 'dport'],
      ['icmp', 'id', 'id'],
    ]
      .map(format)
      .join('\n');
  return table(
    translate(snat(`${base}-${base + ports.length - 1}`)),
    `chain out {\ntype filter hook postrouting priority 300;\noifname != "${DEVICE}" return\n${each(
      ([proto, source]) => `${proto} ${source} set ${proto} ${source} map ${out}`,
    )}\n}`,
    `chain back {\ntype filter hook prerouting priority -300;\niifname != "${DEVICE}" return\n${each(
      ([proto, , target]) => `${proto} ${target} set ${proto} ${target} map ${back}`,
    )}\n}`,
  );
}

function pinnedParts(ranges, target) {
  const memory = ranges.map(
    (_, index) =>
      `set pinned_${index} {\ntype ipv4_addr . inet_service\nsize 256\nflags dynamic,timeout\ntimeout 30m\n}`,
  );
  const chains = ranges.map(
    (_, index) =>
      `chain pin_${index} {\nupdate @pinned_${index} { ip saddr . udp sport }\ngoto range_${index}\n}`,
  );
  const known = ranges.map((_, index) => `ip saddr . udp sport @pinned_${index} goto pin_${index}`);
  return [
    ...memory,
    ...chains,
    translate(
      [
        'meta l4proto icmp goto rotate',
        `meta l4proto != udp goto ${target}`,
        `udp dport < 1024 goto ${target}`,
        ...known,
        turn(ranges, 'pin'),
      ].join('\n'),
    ),
    `chain rotate {\n${turn(ranges)}\n}`,
  ];
}

/** A UDP endpoint stays with the range that it was first given in turn; all else in turn. */
function pinned(ranges) {
  return table(rangeChains(ranges), ...pinnedParts(ranges, 'rotate'));
}

/** The same, and what takes turns falls back on the next range. */
function pinnedFallback(ranges) {
  return table(
    ...fallbackParts(ranges),
    `chain try {\n${turn(ranges, 'try0')}\n}`,
    ...pinnedParts(ranges, 'try'),
  );
}

/** What the overlay's own generator writes on the router. */
function chosen(ranges) {
  return execFileSync(
    'busybox',
    [
      'ash',
      '-c',
      `. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; mape_nat_text mape_image mape_guard ${DEVICE} 'map-*' ${ADDRESS} "$1" ""`,
      'ash',
      ranges.map(text).join(' '),
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH, IPKG_INSTROOT: OVERLAY } },
  );
}

/** Settings of /etc/sysctl.d in the overlay, by name. */
function overlaySysctls() {
  const lines = readFileSync(join(OVERLAY, 'etc/sysctl.d/20-mape-image.conf'), 'utf8').split('\n');
  return Object.fromEntries(lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split('=')));
}

/** @type {readonly {name: string, rules: (ranges: number[][]) => string, sysctls: Record<string, string>}[]} */
export const DESIGNS = [
  { name: 'stock', rules: stock, sysctls: {} },
  { name: 'fixed', rules: fixed, sysctls: {} },
  { name: 'rotate', rules: rotate, sysctls: {} },
  { name: 'hash', rules: hash, sysctls: {} },
  { name: 'fallback', rules: fallback, sysctls: {} },
  { name: 'hybrid', rules: hybrid, sysctls: {} },
  { name: 'pool', rules: pool, sysctls: {} },
  { name: 'pinned', rules: pinned, sysctls: {} },
  { name: 'pinned, timeouts', rules: pinned, sysctls: overlaySysctls() },
  { name: 'pinned, fallback, timeouts', rules: pinnedFallback, sysctls: overlaySysctls() },
  { name: 'chosen without timeouts', rules: chosen, sysctls: {}, guarded: true },
  { name: 'chosen', rules: chosen, sysctls: overlaySysctls(), guarded: true },
];
