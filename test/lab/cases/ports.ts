import { expect, it } from 'vitest';
import type { Lab } from '../host/lab.ts';
import { countPorts, isInSet, type Subscriber } from '../host/subscribers.ts';
import { PORT } from '../host/traffic.ts';

const TIMEOUT = { timeout: 240_000 };
const SERVERS = Array.from({ length: 10 }, (_, index) => `198.51.100.${index + 1}`);

/** How far the port set carries. */
export function describePorts(lab: () => Lab, subscriber: Subscriber): void {
  const size = countPorts(subscriber);

  it(
    `holds ${size} TCP connections to one server, each port of the set once, and no more`,
    TIMEOUT,
    async () => {
      const all = await lab().tcp('client', { count: size });
      expect(all.firstFailure).toBe(0);
      expect(new Set(all.ports).size).toBe(size);
      expect(all.ports.filter((port) => !isInSet(subscriber, port))).toEqual([]);
      expect(await lab().tcp('client', { timeoutMs: 3000 })).toMatchObject({ opened: 0 });
      expect(await lab().alive('client')).toEqual({ alive: size, of: size });
      expect(await lab().verdict()).toEqual({ code: 'PORTS_EXHAUSTED', exitCode: 1 });
      await lab().forget();
    },
  );

  it.each([
    // NAT chooses anew for each connection to a service's port; above, it keeps to what the socket had
    ['a service', 500],
    ['a peer', PORT],
  ])(`holds ${size} UDP flows to one port of %s, each port of the set once`, TIMEOUT, async (_, port) => {
    if (port !== PORT) await lab().serve('server', port);
    // ports no socket had before: one that NAT knows keeps its range, and the last of the set may stay unused
    const all = await lab().udp('client', { port, sockets: size, fromPort: 20_000 });
    const ports = all.ports.flat().filter((one) => one !== null);
    expect(all.lost).toBe(0);
    expect(new Set(ports).size).toBe(size);
    expect(ports.filter((one) => !isInSet(subscriber, one))).toEqual([]);
    await lab().forget();
  });

  it(
    'opens a hundred TCP connections to alternating servers while half of the set is held',
    TIMEOUT,
    async () => {
      expect((await lab().tcp('client', { count: size / 2 })).opened).toBe(size / 2);
      expect((await lab().tcp('client', { hosts: SERVERS.slice(0, 2), count: 100 })).opened).toBe(100);
      await lab().forget();
    },
  );

  it('opens a hundred UDP flows to alternating servers while half of the set is held', TIMEOUT, async () => {
    expect((await lab().udp('client', { sockets: size / 2, fromPort: 21_000 })).lost).toBe(0);
    const more = { hosts: SERVERS.slice(0, 2), inTurn: true, sockets: 100, fromPort: 22_000 };
    expect((await lab().udp('client', more)).lost).toBe(0);
    await lab().forget();
  });

  it('keeps one outside port for a UDP socket whatever it talks to', TIMEOUT, async () => {
    const sockets = await lab().udp('client', { hosts: SERVERS, sockets: 20 });
    expect(sockets.ports).toHaveLength(20);
    for (const seen of sockets.ports) {
      expect(new Set(seen).size).toBe(1);
      expect(isInSet(subscriber, seen[0] ?? 0)).toBe(true);
    }
    await lab().forget();
  });

  it('gives sixty pings at a time an id of the set each', TIMEOUT, async () => {
    const ids = Array.from({ length: 60 }, (_, index) => 40_000 + index);
    expect(await lab().ping('client', '198.51.100.1', ids)).toEqual(ids);
    await lab().forget();
  });
}
