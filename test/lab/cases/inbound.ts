import { expect, it } from 'vitest';
import { isUpAs, type Lab } from '../host/lab.ts';
import { countPorts, isInSet, OCN } from '../host/subscribers.ts';

const TIMEOUT = { timeout: 300_000 };
/** As the configuration of this router has them. */
export const FORWARDS = ['tcp 1312 -> 192.168.1.10:443', 'tcp+udp 2340 -> 192.168.1.10'];
export const RESERVED = [3360, 3363] as const;
const KEPT_COUNT = 2 + RESERVED[1] - RESERVED[0] + 1;

/** Connections from outside, and ports that stay out of the pool for them. */
export function describeInbound(lab: () => Lab): void {
  const isKept = (port: number) =>
    port === 1312 || port === 2340 || (RESERVED[0] <= port && port <= RESERVED[1]);

  it(
    'tells a silent line from one without DHCPv6, and that from one that delegates nothing',
    TIMEOUT,
    async () => {
      expect(await lab().untilVerdict('NO_IPV6')).toBe(2);
      await lab().advertise();
      expect(await lab().untilVerdict('DHCPV6_SILENT')).toBe(2);
      const shared = OCN.prefix.replace('/56', '/64');
      await lab().advertise({ text: shared, validSec: 3600 });
      expect(await lab().untilVerdict('PREFIX_NOT_DELEGATED')).toBe(2);
      await lab().advertise({ text: shared, validSec: 0 });
    },
  );

  it('comes up on a delegated prefix, at the address of its rule', TIMEOUT, async () => {
    await lab().pdLine(OCN.prefix);
    await lab().until('router', isUpAs(OCN.ipv4));
    await lab().untilCarries();
    expect(await lab().sh('router', 'ip -d link show map-wan6mape')).toContain(`local ${OCN.ce}`);
    expect((await lab().tcp('client')).addresses).toEqual([OCN.ipv4]);
    await lab().forget();
  });

  it('answers forwards from outside on a line that has been idle', TIMEOUT, async () => {
    await lab().serve('client', 443);
    await lab().serve('client', 2340);
    // nothing is known of the relay any more: neither connections nor the tunnel they came through
    await lab().forget();
    expect((await lab().tcp('server', { hosts: [OCN.ipv4], port: 1312 })).opened).toBe(1);
    await lab().forget();
    expect((await lab().udp('server', { hosts: [OCN.ipv4], port: 2340 })).lost).toBe(0);
    expect((await lab().tcp('server', { hosts: [OCN.ipv4], port: 2340 })).opened).toBe(1);
    await lab().release('server');
  });

  it('would not answer there without the rule that lets the relay in', TIMEOUT, async () => {
    await lab().sh('router', 'uci set firewall.mape_br.target=REJECT && uci commit firewall && fw4 reload');
    await lab().forget();
    expect(await lab().tcp('server', { hosts: [OCN.ipv4], port: 1312, timeoutMs: 2000 })).toMatchObject({
      opened: 0,
    });
    await lab().sh('router', 'uci set firewall.mape_br.target=ACCEPT && uci commit firewall && fw4 reload');
    expect((await lab().tcp('server', { hosts: [OCN.ipv4], port: 1312 })).opened).toBe(1);
    await lab().release('server');
  });

  it('answers no port that is not forwarded', TIMEOUT, async () => {
    expect(await lab().tcp('server', { hosts: [OCN.ipv4], port: 1313, timeoutMs: 1500 })).toMatchObject({
      opened: 0,
    });
  });

  it('lets the LAN reach a forward under the outside address', TIMEOUT, async () => {
    const hairpin = await lab().tcp('client', { hosts: [OCN.ipv4], port: 1312 });
    expect(hairpin).toMatchObject({ opened: 1, addresses: ['192.168.1.1'] });
    expect((await lab().udp('client', { hosts: [OCN.ipv4], port: 2340 })).lost).toBe(0);
    await lab().forget();
  });

  it('uses every port but those kept for servers, and answers forwards still', TIMEOUT, async () => {
    const size = countPorts(OCN) - KEPT_COUNT;
    const all = await lab().tcp('client', { count: size });
    expect(all.firstFailure).toBe(0);
    expect(new Set(all.ports).size).toBe(size);
    expect(all.ports.filter((port) => !isInSet(OCN, port) || isKept(port))).toEqual([]);
    expect((await lab().tcp('server', { hosts: [OCN.ipv4], port: 1312 })).opened).toBe(1);
    await lab().release('server');
    await lab().forget();
  });
}
