import { expect, it } from 'vitest';
import type { Lab } from '../host/lab.ts';
import { isInSet, type Subscriber } from '../host/subscribers.ts';

const TIMEOUT = { timeout: 180_000 };
/** IGMP, IPIP, IPv6, GRE, ESP, AH, OSPF, PIM, SCTP, and one nobody has (IANA protocol numbers). */
const PORTLESS = [2, 4, 41, 47, 50, 51, 89, 103, 132, 253];

/** What may leave the tunnel. */
export function describeLeaks(lab: () => Lab, subscriber: Subscriber): void {
  it('is watched by a relay that sees a leak where NAT and guard are taken away', TIMEOUT, async () => {
    expect(await lab().leaks()).toEqual({});
    await lab().sh(
      'router',
      'nft flush chain ip mape_image translate; nft flush chain ip mape_guard guard; procd stop mape-guard',
    );
    await lab().ping('client', '198.51.100.1', [7]);
    await lab().udp('client', { timeoutMs: 1500 });
    await lab().sendProtocol('client', 47);
    const name = subscriber.name;
    expect(Object.keys(await lab().leaks())).toEqual(
      expect.arrayContaining([`${name}_wrong_port`, `${name}_wrong_echo`, `${name}_wrong_protocol`]),
    );
    await lab().sh('router', 'fw4 reload; /etc/init.d/mape-guard start');
    await lab().forget();
    await lab().resetWatch();
  });

  it('translates the router itself into the set, too', TIMEOUT, async () => {
    const tcp = await lab().tcp('router', { count: 5 });
    const udp = await lab().udp('router', { sockets: 5 });
    const ports = [...tcp.ports, ...udp.ports.flat().map(Number)];
    expect([tcp.opened, udp.lost]).toEqual([5, 0]);
    expect(ports.filter((port) => !isInSet(subscriber, port))).toEqual([]);
    expect(await lab().ping('router', '198.51.100.1', [7, 8])).toEqual([7, 8]);
    await lab().release('router');
  });

  it.each([['client'], ['router']] as const)(
    'lets no protocol without ports out, sent by the %s',
    TIMEOUT,
    async (place) => {
      const heard = async () => (await lab().counters('relay', 'ip watch'))[`${subscriber.name}_heard`];
      const before = await heard();
      for (const protocol of PORTLESS) await lab().sendProtocol(place, protocol);
      expect(await heard()).toBe(before);
    },
  );

  it('counts what the guard drops', TIMEOUT, async () => {
    expect((await lab().counters('router', 'ip mape_guard')).leak_protocol).toBeGreaterThan(0);
  });

  it('answers a ping from outside with an id of the set, and none with another', TIMEOUT, async () => {
    const [first, last] = subscriber.ports[0] ?? [0, 0];
    expect(await lab().ping('server', subscriber.ipv4, [first, last, 77])).toEqual([first, last]);
  });
}

/** To be registered last: nothing that was tried before has leaked. */
export function describeNoLeaks(lab: () => Lab): void {
  it('sent no packet outside the port set in all of this', TIMEOUT, async () => {
    expect(await lab().leaks()).toEqual({});
  });
}
