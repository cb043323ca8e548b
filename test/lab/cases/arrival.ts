import { expect, it } from 'vitest';
import { isUpAs, type Lab } from '../host/lab.ts';
import { FOREIGN_PREFIX, V6PLUS } from '../host/subscribers.ts';

const TIMEOUT = { timeout: 180_000 };
const UP = isUpAs(V6PLUS.ipv4);

/** A router's first minutes on a line of one /64: what it writes, and what it does until the right prefix is there. */
export function describeArrival(lab: () => Lab): void {
  it('writes its settings at first boot, each step into the log, and is not run again', TIMEOUT, async () => {
    const log = await lab().sh('router', 'cat /etc/mape-image/first-boot.log');
    expect(log).toMatch(/^plan [0-9a-f]{64}, try 1, before: none$/m);
    expect(log).toMatch(/^plan [0-9a-f]{64} applied$/m);
    expect(await lab().sh('router', 'ls /etc/uci-defaults')).toBe('');
    const options = await lab().sh('router', 'uci show network.wan6mape; uci get network.wan6.clientid');
    expect(options).toContain(`network.wan6mape.peeraddr='${V6PLUS.br}'`);
    // RFC 8415 §11.4: a DUID of type link-layer over the WAN's own address
    expect(options.split('\n').at(-1)).toBe('0003000102005e10abcd');
  });

  it('has its guard in place before there is a line', TIMEOUT, async () => {
    // with fw4's lock, so that no reload goes on beside the listing
    const guard = await lab().sh('router', 'flock /var/run/fw4.lock nft list chain ip mape_guard guard');
    expect(guard).toContain('oifname "map-*"');
    expect((await lab().run('router', UP)).code).not.toBe(0);
    expect(await lab().tcp('client', { timeoutMs: 1500 })).toMatchObject({ opened: 0 });
  });

  it('leaves the LAN and its web page reachable while there is no line', TIMEOUT, async () => {
    await lab().serve('router', 80);
    expect(await lab().tcp('client', { hosts: ['192.168.1.1'], port: 80 })).toMatchObject({ opened: 1 });
    await lab().release('client');
  });

  it('says that the WAN port has no link', TIMEOUT, async () => {
    await lab().unplug();
    expect(await lab().untilVerdict('NO_CABLE')).toBe(2);
    await lab().plug();
  });

  it('says that a prefix is missing while the line gives none', TIMEOUT, async () => {
    await lab().sh('router', 'line heard');
    await lab().until('router', 'ubus call network.interface.wan6mape status | grep -q NO_PREFIX');
    expect(await lab().status('wan6mape')).toMatchObject({ up: false });
    expect((await lab().verdict()).exitCode).toBe(2);
  });

  it('says that a prefix is of another rule', TIMEOUT, async () => {
    await lab().raLine(FOREIGN_PREFIX);
    await lab().until('router', 'ubus call network.interface.wan6mape status | grep -q NO_MATCHING_PD');
    expect((await lab().run('router', UP)).code).not.toBe(0);
    expect(await lab().verdict()).toEqual({ code: 'NO_MATCHING_PD', exitCode: 2 });
    await lab().withdraw(FOREIGN_PREFIX);
  });

  it.each([
    ['of NTT alone', 'NGN_ONLY', '2408:123:4567:8900::/64'],
    ['of a DS-Lite service', 'OTHER_SERVICE', '2409:11:2345:6700::/64'],
    ['of another MAP-E service', 'OTHER_SERVICE', '2400:4151:8000:1200::/64'],
  ])('says that a prefix is %s (%s), and makes no tunnel of it', TIMEOUT, async (_, code, prefix) => {
    await lab().raLine(prefix);
    expect(await lab().untilVerdict(code)).toBe(2);
    expect((await lab().run('router', 'ip link show map-wan6mape')).code).not.toBe(0);
    await lab().withdraw(prefix);
  });

  it('comes up by itself when the right prefix arrives at last', TIMEOUT, async () => {
    await lab().raLine(V6PLUS.prefix);
    await lab().until('router', UP);
    const tunnel = await lab().sh('router', 'ip -d link show map-wan6mape');
    expect(tunnel).toContain(`local ${V6PLUS.ce}`);
    expect(tunnel).toContain(`remote ${V6PLUS.br}`);
    expect(tunnel).toContain('mtu 1460');
    expect(await lab().sh('router', 'ip -4 addr show dev map-wan6mape')).toContain(`inet ${V6PLUS.ipv4}/32`);
    expect(await lab().sh('router', 'ip -6 addr show dev eth0.2')).toContain(`inet6 ${V6PLUS.ce}/128`);
    expect((await lab().status('wan6mape')).errors).toEqual([]);
    await lab().untilCarries();
    expect(await lab().verdict()).toEqual({ code: 'OK', exitCode: 0 });
  });

  it('carries TCP, UDP and ping from the LAN to the server and back', TIMEOUT, async () => {
    const tcp = await lab().tcp('client', { count: 3 });
    const udp = await lab().udp('client', { sockets: 3 });
    expect([tcp.opened, udp.lost]).toEqual([3, 0]);
    expect([...tcp.addresses, ...udp.addresses]).toEqual([V6PLUS.ipv4, V6PLUS.ipv4]);
    expect(await lab().ping('client', '198.51.100.1', [1, 2, 3])).toEqual([1, 2, 3]);
    await lab().forget();
  });
}
