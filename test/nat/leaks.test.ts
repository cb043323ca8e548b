import { describe, expect, it } from 'vitest';
import { FLUSH, pause, withGuard } from '../../bench/nat/guard.mjs';
import { DEVICE, HOSTS, type Lab, type Place, watch } from '../../bench/nat/lab.mjs';
import { runNatScript } from './nat-script.ts';
import { canRun, natTable, V6PLUS, withRouter } from './support.ts';

const [HOST = ''] = HOSTS;

async function sendOfEverything(lab: Lab, where: Place): Promise<void> {
  for (const protocol of ['tcp', 'udp']) await lab.load(where, 'held', { protocol, host: HOST, count: 20 });
  await lab.raw(where, 'echo', HOST, 20);
  await lab.raw(where, 'protocols', HOST);
}

describe.runIf(canRun)('what leaves the tunnel', () => {
  it.each<Place>(['client', 'router'])(
    'is translated or dropped, counted by reason: TCP, UDP, echo and ten protocols of the %s',
    async (where) => {
      await withRouter(V6PLUS, async (lab) => {
        await sendOfEverything(lab, where);
        expect(await lab.wrong()).toBe(0);
        expect(await lab.count('router', 'mape_guard', 'leak_protocol')).toBeGreaterThan(9);
      });
    },
  );

  it('is dropped while nothing translates, each by its own reason', async () => {
    await withRouter(V6PLUS, async (lab) => {
      await lab.shell('router', 'nft delete table inet fw4; nft flush chain ip mape_image translate');
      await sendOfEverything(lab, 'client');
      await sendOfEverything(lab, 'router');
      // A port of the router's own may lie in the set by chance: that packet is right.
      expect(await lab.wrong()).toBe(0);
      for (const reason of ['source', 'port', 'echo', 'protocol'])
        expect(await lab.count('router', 'mape_guard', `leak_${reason}`), reason).toBeGreaterThan(0);
    });
  });

  it('is right from the first packet of a device that comes up behind the table', async () => {
    await withRouter(V6PLUS, async (lab) => {
      await lab.shell('router', `ip link set ${DEVICE} down; ip link set ${DEVICE} name later0`);
      const flood = lab.load('client', 'flood', { host: HOST, seconds: 2 });
      await lab.nft('router', natTable(V6PLUS));
      await lab.shell(
        'router',
        `ip link set later0 name ${DEVICE}; ip link set ${DEVICE} up
         ip route replace 198.51.100.0/24 dev ${DEVICE} src ${V6PLUS.ipv4Address}`,
      );
      await flood;
      expect(await lab.heard()).toBeGreaterThan(100);
      expect(await lab.wrong()).toBe(0);
    });
  });

  it('is right while somebody deletes the table that translates, with nothing to put it back', async () => {
    await withRouter(V6PLUS, async (lab) => {
      const alive = lab.load('client', 'alive', { host: HOST, count: 20, seconds: 2 });
      await pause(500);
      const flood = lab.load('client', 'flood', { host: HOSTS[1], seconds: 2 });
      await lab.shell('router', 'nft delete table ip mape_image');
      await flood;
      expect(await alive).toEqual({ survived: 20 });
      await sendOfEverything(lab, 'client');
      expect(await lab.wrong()).toBe(0);
      expect(await lab.count('router', 'mape_guard', 'leak_port')).toBeGreaterThan(100);
    });
  });

  it('stops with the firewall before the table is gone, and starts behind it', async () => {
    await withRouter(V6PLUS, async (lab) => {
      const options = { rules: natTable(V6PLUS), address: V6PLUS.ipv4Address };
      await withGuard(lab, options, async ({ settled }) => {
        const flood = lab.load('client', 'flood', { host: HOST, seconds: 4 });
        await pause(300);
        await lab.shell('router', FLUSH);
        const stopped = await lab.heard();
        await settled();
        await flood;
        expect(await lab.heard()).toBeGreaterThan(stopped);
        expect(await lab.wrong()).toBe(0);
      });
    });
  });

  it('stays down while a firewall takes long to stop', async () => {
    await withRouter(V6PLUS, async (lab) => {
      const options = { rules: natTable(V6PLUS), address: V6PLUS.ipv4Address };
      await withGuard(lab, options, async ({ settled, countUps, lock }) => {
        const flood = lab.load('client', 'flood', { host: HOST, seconds: 7 });
        const before = countUps();
        await lab.shell(
          'router',
          `flock '${lock}' sh -c 'nft delete table ip mape_watch_1; sleep 3; ${FLUSH}'`,
        );
        expect(countUps()).toBe(before);
        const stopped = await lab.heard();
        await settled();
        await flood;
        expect(await lab.heard()).toBeGreaterThan(stopped);
        expect(await lab.wrong()).toBe(0);
      });
    });
  });

  it('follows a changed prefix: no packet of the old address or ports, all ports of the new', async () => {
    const after = {
      address: '14.8.52.99',
      ranges: [
        [5000, 5015],
        [9096, 9111],
      ] as const,
    };
    await withRouter(V6PLUS, async (lab) => {
      const flood = lab.load('client', 'flood', { host: HOST, seconds: 4 });
      await pause(300);
      await runNatScript(lab, `mape_nat_apply wan6mape ${after.address} '5000-5015 9096-9111'`);
      await lab.shell(
        'router',
        `ip addr add ${after.address}/32 dev ${DEVICE}; ip route replace 198.51.100.0/24 dev ${DEVICE} src ${after.address}`,
      );
      await lab.shell('server', `ip route add ${after.address}/32 dev s0; nft delete table ip watch`);
      await lab.nft('server', watch(after.ranges, after.address));
      const held = await lab.load('client', 'held', { protocol: 'tcp', host: HOST, count: 40 });
      expect(held.firstLoss).toBe(33);
      await flood;
      expect(await lab.wrong()).toBe(0);
    });
  });
});
