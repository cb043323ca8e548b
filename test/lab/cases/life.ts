import { expect, it } from 'vitest';
import { isUpAs, type Lab } from '../host/lab.ts';
import { isInSet, V6PLUS, V6PLUS_MOVED } from '../host/subscribers.ts';

const TIMEOUT = { timeout: 300_000 };
const UP = isUpAs(V6PLUS.ipv4);
const TABLES = 'nft list tables | sort';
const RULES = 'nft list table ip mape_image | grep -c "snat to"';

/** What happens to a router over time: restarts, reloads, another prefix, the end. */
export function describeLife(lab: () => Lab): void {
  it('has one table with one copy of each rule after ten restarts of the interface', TIMEOUT, async () => {
    const before = [await lab().sh('router', TABLES), await lab().sh('router', RULES)];
    for (let round = 0; round < 10; round += 1) {
      await lab().sh('router', 'ifup wan6mape');
      await lab().until('router', `! ${UP}`);
      await lab().until('router', UP);
    }
    expect([await lab().sh('router', TABLES), await lab().sh('router', RULES)]).toEqual(before);
    expect(await lab().sh('router', 'ls /var/run/mape-image 2>/dev/null || :')).toBe('');
    await lab().untilCarries();
  });

  it('carries from the moment the interface is up', TIMEOUT, async () => {
    for (let round = 0; round < 3; round += 1) {
      await lab().sh('router', 'ifup wan6mape');
      await lab().until('router', `! ${UP}`);
      await lab().until('router', UP);
      // a tunnel without its address says "host unreachable"
      expect(await lab().tcp('client')).toMatchObject({ opened: 1, errors: [] });
      await lab().forget();
    }
  });

  it(
    'has one table after ten reloads and a restart of the firewall, and no connection is lost',
    TIMEOUT,
    async () => {
      const before = [await lab().sh('router', TABLES), await lab().sh('router', RULES)];
      expect((await lab().tcp('client', { count: 10 })).opened).toBe(10);
      await lab().sh('router', 'for i in 1 2 3 4 5 6 7 8 9 10; do fw4 reload || exit 1; done; fw4 restart', {
        timeoutMs: 120_000,
      });
      expect([await lab().sh('router', TABLES), await lab().sh('router', RULES)]).toEqual(before);
      expect(await lab().alive('client')).toEqual({ alive: 10, of: 10 });
      await lab().forget();
    },
  );

  it(
    'leaks nothing while the firewall is stopped and started under load, right behind reloads, and carries again',
    TIMEOUT,
    async () => {
      const reloads = 'for i in 1 2 3 4 5; do fw4 reload || exit 1; done';
      for (let round = 0; round < 2; round += 1) {
        await lab().flood('client');
        await lab().sh('router', `${reloads}; /etc/init.d/firewall stop`, { timeoutMs: 120_000 });
        await lab().until('router', 'nft list table ip mape_image >/dev/null 2>&1');
        await lab().until('router', 'ip -4 addr show dev map-wan6mape 2>/dev/null | grep -q inet');
        expect(await lab().untilVerdict('FIREWALL_STOPPED')).toBe(1);
        await lab().sh('router', '/etc/init.d/firewall start');
        await lab().until('router', UP);
        expect((await lab().calm('client')).sent).toBeGreaterThan(100);
        expect(await lab().leaks()).toEqual({});
        await lab().forget();
        await lab().untilCarries();
      }
    },
  );

  it('would leak without the guard service, by the same load', TIMEOUT, async () => {
    await lab().sh('router', 'procd stop mape-guard');
    // procd stops one process; the one that listens for it goes along
    await lab().until('router', '! ps | grep -q "[n]ft monitor"');
    await lab().flood('client');
    await lab().sh('router', '/etc/init.d/firewall stop; sleep 1; /etc/init.d/firewall start');
    await lab().calm('client');
    expect(await lab().leaks()).toEqual({ [`${V6PLUS.name}_wrong_source`]: expect.any(Number) });
    await lab().sh('router', '/etc/init.d/mape-guard start');
    await lab().forget();
    await lab().untilCarries();
    await lab().resetWatch();
  });

  it(
    'leaks nothing where somebody deletes the table that translates, loses no connection, puts it back',
    TIMEOUT,
    async () => {
      expect((await lab().tcp('client', { count: 10 })).opened).toBe(10);
      await lab().flood('client');
      for (let round = 0; round < 3; round += 1) {
        await lab().sh('router', 'nft delete table ip mape_image');
        await lab().until('router', 'nft list table ip mape_image >/dev/null 2>&1');
      }
      expect((await lab().calm('client')).sent).toBeGreaterThan(100);
      expect(await lab().leaks()).toEqual({});
      expect(await lab().alive('client')).toEqual({ alive: 10, of: 10 });
      await lab().forget();
      await lab().untilCarries();
    },
  );

  it('leaks nothing where somebody deletes the table that guards, and puts it back', TIMEOUT, async () => {
    await lab().flood('client');
    for (let round = 0; round < 3; round += 1) {
      await lab().sh('router', 'nft delete table ip mape_guard');
      await lab().until('router', 'nft list table ip mape_guard >/dev/null 2>&1');
    }
    expect((await lab().calm('client')).sent).toBeGreaterThan(100);
    expect(await lab().leaks()).toEqual({});
    await lab().forget();
    await lab().until('router', UP);
    await lab().untilCarries();
  });

  it('says which part of the way is missing: address, tunnel or NAT', TIMEOUT, async () => {
    await lab().sh('router', `ip -6 addr del ${V6PLUS.ce}/128 dev eth0.2`);
    expect(await lab().verdict()).toEqual({ code: 'CE_MISSING', exitCode: 2 });
    await lab().sh('router', 'ip link set map-wan6mape down');
    expect(await lab().verdict()).toEqual({ code: 'TUNNEL_DOWN', exitCode: 2 });
    await lab().sh('router', 'procd stop mape-guard; nft delete table ip mape_guard');
    expect(await lab().verdict()).toEqual({ code: 'NAT_MISSING', exitCode: 2 });
  });

  it(
    'puts all of these back when the guard service starts, and says that nothing came back yet',
    TIMEOUT,
    async () => {
      await lab().sh('router', '/etc/init.d/mape-guard start');
      expect(await lab().untilVerdict('IDLE')).toBe(1);
      await lab().until('router', UP);
      await lab().untilCarries();
      expect(await lab().verdict()).toEqual({ code: 'OK', exitCode: 0 });
    },
  );

  it(
    'follows another prefix while it is up: its address, its ports, nothing of the old ones',
    TIMEOUT,
    async () => {
      await lab().flood('client');
      await lab().withdraw(V6PLUS.prefix);
      await lab().raLine(V6PLUS_MOVED.prefix);
      await lab().until('router', isUpAs(V6PLUS_MOVED.ipv4));
      const heard = async () => (await lab().counters('relay', 'ip watch'))[`${V6PLUS.name}_heard`];
      const before = await heard();
      await lab().calm('client');
      await lab().forget();
      await lab().untilCarries();
      const tcp = await lab().tcp('client', { count: 60 });
      expect(tcp.opened).toBe(60);
      expect(tcp.addresses).toEqual([V6PLUS_MOVED.ipv4]);
      expect(tcp.ports.filter((port) => !isInSet(V6PLUS_MOVED, port))).toEqual([]);
      expect(await heard()).toBe(before);
      expect(await lab().leaks()).toEqual({});
      expect(await lab().sh('router', 'nft list table ip mape_image')).not.toContain(V6PLUS.ipv4);
      await lab().sh('router', 'fw4 reload');
      expect(await lab().sh('router', 'nft list table ip mape_image')).toContain(V6PLUS_MOVED.ipv4);
      await lab().forget();
    },
  );

  it('says in the log and in its status that it follows the line', TIMEOUT, async () => {
    expect(await lab().sh('router', 'cat /tmp/log')).toMatch(/^map-wan6mape: .*following the line/m);
    expect(await lab().verdict()).toEqual({ code: 'PREFIX_CHANGED', exitCode: 1 });
  });

  it('goes back to what the image was built for when the first prefix returns', TIMEOUT, async () => {
    await lab().withdraw(V6PLUS_MOVED.prefix);
    await lab().raLine(V6PLUS.prefix);
    await lab().until('router', isUpAs(V6PLUS.ipv4));
    await lab().untilCarries();
    expect((await lab().tcp('client', { count: 20 })).addresses).toEqual([V6PLUS.ipv4]);
    expect(await lab().sh('router', 'ls /var/run/mape-image')).toBe('');
    await lab().forget();
  });

  it('says that the relay does not answer, as where another gateway holds the session', TIMEOUT, async () => {
    await lab().sh('relay', `ip link set ce-${V6PLUS.name} down`);
    await lab().sh('router', 'ifup wan6mape');
    await lab().until('router', `! ${UP}`);
    await lab().until('router', UP);
    await lab().flood('client');
    expect(await lab().untilVerdict('NO_REPLY')).toBe(2);
    await lab().calm('client');
    // its route went with the link
    await lab().sh(
      'relay',
      `ip link set ce-${V6PLUS.name} up && ip route replace ${V6PLUS.ipv4}/32 dev ce-${V6PLUS.name}`,
    );
    await lab().forget();
    await lab().untilCarries();
    expect(await lab().verdict()).toEqual({ code: 'OK', exitCode: 0 });
  });

  it('leaves nothing behind when a person takes the interface down, and stays down', TIMEOUT, async () => {
    await lab().sh('router', 'ifdown wan6mape');
    await lab().until('router', '! ip link show map-wan6mape >/dev/null 2>&1');
    await lab().until('router', `! ip -6 addr show dev eth0.2 | grep -q ${V6PLUS.ce}`);
    expect(await lab().sh('router', 'ls /tmp/map-* 2>/dev/null || :')).toBe('');
    // a changed prefix brings nothing up that a person took down
    await lab().raLine(V6PLUS_MOVED.prefix);
    expect(await lab().status('wan6mape')).toMatchObject({ up: false });
    // nor does a stopped firewall
    await lab().sh('router', '/etc/init.d/firewall stop');
    await lab().until('router', 'nft list table ip mape_image >/dev/null 2>&1');
    await lab().sh('router', '/etc/init.d/firewall start');
    expect(await lab().status('wan6mape')).toMatchObject({ up: false });
    expect(await lab().tcp('client', { timeoutMs: 1500 })).toMatchObject({ opened: 0 });
    expect(await lab().verdict()).toEqual({ code: 'INTERFACE_DISABLED', exitCode: 2 });
  });
}
