import { expect, it } from 'vitest';
import type { Lab } from '../host/lab.ts';
import type { Subscriber } from '../host/subscribers.ts';
import { SERVER } from '../host/traffic.ts';

const TIMEOUT = { timeout: 120_000 };
/** Bytes of IPv4 and UDP headers before what a program sends. */
const UDP_HEADERS = 28;

/** Path MTU discovery through a tunnel of 1460 bytes. Linux sends UDP with "don't fragment" unless told otherwise. */
export function describeMtu(lab: () => Lab, subscriber: Subscriber): void {
  const { name, ipv4 } = subscriber;
  const relay = async (counter: string) =>
    (await lab().counters('relay', 'ip watch'))[`${name}_${counter}`] ?? -1;
  const learned = (place: 'client' | 'server', to: string) => lab().sh(place, `ip route get ${to}`);

  it('lets a packet of 1460 bytes through in one piece', TIMEOUT, async () => {
    const before = await relay('full');
    const sent = await lab().udp('client', { size: 1460 - UDP_HEADERS });
    expect(sent).toMatchObject({ sizes: [1460 - UDP_HEADERS], lost: 0 });
    expect(await relay('full')).toBe(before + 1);
    expect(await relay('fragment')).toBe(0);
  });

  it('tells a client that sends 1500 bytes to send 1460, and the client hears it', TIMEOUT, async () => {
    const before = (await lab().counters('client', 'ip watch')).too_big ?? 0;
    await lab().udp('client', { size: 1500 - UDP_HEADERS, timeoutMs: 2000 });
    expect((await lab().counters('client', 'ip watch')).too_big).toBeGreaterThan(before);
    expect(await learned('client', SERVER)).toContain('mtu 1460');
  });

  it('hands on what a narrower link beyond the relay says', TIMEOUT, async () => {
    await lab().sh('client', 'ip route flush cache');
    await lab().sh('relay', 'ip link set r1 mtu 1400');
    await lab().udp('client', { size: 1450 - UDP_HEADERS, timeoutMs: 2000 });
    expect(await learned('client', SERVER)).toContain('mtu 1400');
    await lab().sh('relay', 'ip link set r1 mtu 1500');
    await lab().sh('client', 'ip route flush cache');
  });

  it(
    'tells a server that sends more than a narrow LAN takes, from the address of the line',
    TIMEOUT,
    async () => {
      await lab().sh('router', 'ip link set br-lan mtu 1300');
      // TCP would not try: its segments are clamped to both ways' links
      expect((await lab().udp('client', { answerSize: 1400 })).lost).toBe(0);
      expect(await learned('server', ipv4)).toContain('mtu 1300');
      await lab().sh('router', 'ip link set br-lan mtu 1500');
      await lab().sh('server', 'ip route flush cache');
      await lab().forget();
    },
  );

  it('carries a large transfer over TCP', TIMEOUT, async () => {
    expect(await lab().download('client', 2_000_000)).toEqual({ received: 2_000_000 });
    await lab().forget();
  });

  it('clamps the segments of every TCP connection to 1420 bytes', TIMEOUT, async () => {
    expect((await lab().tcp('client', { count: 2 })).opened).toBe(2);
    expect(await relay('mss_fits')).toBeGreaterThan(0);
    expect(await relay('mss_over')).toBe(0);
    expect((await lab().counters('client', 'ip watch')).mss_over).toBe(0);
    await lab().forget();
  });
}
