import type { Subscriber } from './subscribers.ts';

/** Counters of packets that must not come from a subscriber, by the part of the name behind `wrong_`. */
export const WRONG = ['source', 'port', 'echo', 'icmp', 'protocol'] as const;

/**
 * What the relay watches, for nft: per subscriber everything heard, what must not arrive (dropped and counted), how large
 * segments and packets are; and tunnel packets of nobody known.
 */
export function renderWatch(subscribers: readonly Subscriber[]): string {
  const br = subscribers[0]?.br ?? '';
  return `
    table ip watch {
      ${subscribers.map(renderSubscriber).join('\n')}
      chain in {
        type filter hook prerouting priority -300;
        ${subscribers.map(({ name }) => `iifname "ce-${name}" jump ${name}`).join('\n')}
      }
    }
    table ip6 watch {
      counter stranger {}
      chain in {
        type filter hook prerouting priority -300;
        ip6 daddr ${br} ip6 nexthdr 4 ip6 saddr != { ${subscribers.map(({ ce }) => ce).join(', ')} } counter name stranger
      }
    }`;
}

function renderSubscriber({ name, ipv4, ports }: Subscriber): string {
  const set = ports.map(([first, last]) => `${first}-${last}`).join(', ');
  const counters = [
    'heard',
    ...WRONG.map((what) => `wrong_${what}`),
    'mss_fits',
    'mss_over',
    'full',
    'fragment',
  ];
  return `
    ${counters.map((counter) => `counter ${name}_${counter} {}`).join('\n')}
    chain ${name} {
      counter name ${name}_heard
      ip saddr != ${ipv4} counter name ${name}_wrong_source drop
      tcp sport != { ${set} } counter name ${name}_wrong_port drop
      udp sport != { ${set} } counter name ${name}_wrong_port drop
      icmp type { echo-request, echo-reply } icmp id != { ${set} } counter name ${name}_wrong_echo drop
      icmp type != { echo-request, echo-reply, destination-unreachable, time-exceeded, parameter-problem } counter name ${name}_wrong_icmp drop
      meta l4proto != { tcp, udp, icmp } counter name ${name}_wrong_protocol drop
      tcp flags & (syn | rst) == syn tcp option maxseg size 1-1420 counter name ${name}_mss_fits
      tcp flags & (syn | rst) == syn tcp option maxseg size 1421-65535 counter name ${name}_mss_over
      ip length 1460 counter name ${name}_full
      ip frag-off & 0x3fff != 0 counter name ${name}_fragment
    }`;
}
