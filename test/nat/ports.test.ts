import { describe, expect, it } from 'vitest';
import { HOSTS } from '../../bench/nat/lab.mjs';
import type { PortRange } from '../../src/mape/parameters.ts';
import { canRun, isInside, natTable, OCN, V6PLUS, withRouter } from './support.ts';

const [HOST = ''] = HOSTS;

describe.runIf(canRun)('the port set towards one server', () => {
  it.each([
    ['TCP', 'tcp', '240', V6PLUS],
    ['UDP', 'udp', '240', V6PLUS],
    ['TCP', 'tcp', '1008', OCN],
    ['UDP', 'udp', '1008', OCN],
  ])('%s (%s) carries all of %s ports before the first loss', async (_, protocol, size, mape) => {
    const held = await withRouter(mape, (lab) =>
      lab.load('client', 'held', { protocol, host: HOST, count: Number(size) + 10 }),
    );
    expect(held.firstLoss).toBe(Number(size) + 1);
    expect(new Set(held.ports).size).toBe(Number(size));
    expect(held.ports?.filter((port) => !isInside(mape.portRanges, port))).toEqual([]);
  });

  it('gives ping every id of the set', async () => {
    expect(await withRouter(V6PLUS, (lab) => lab.raw('client', 'echo', HOST, 260))).toEqual({
      answered: 240,
    });
  });

  it.each([
    [2, 50, 120],
    [3, 50, 120],
    [5, 50, 120],
    [2, 75, 60],
    [2, 90, 24],
  ])(
    'serves %i destinations in turn as well as one, with %i per cent of the ports held',
    async (period, percent, count) => {
      const held = 2.4 * percent;
      const result = await withRouter(V6PLUS, (lab) =>
        lab.load('client', 'turns', { hosts: HOSTS.slice(0, period), held, count }),
      );
      expect(result).toEqual({ held, opened: count });
    },
  );

  it.each(['rst', 'fin'])(
    'opens connections at the first packet while 150 come and go over 240 ports, ended by %s',
    async (closing) => {
      const { tried, first, opened } = await withRouter(V6PLUS, (lab) =>
        lab.load('client', 'churn', { host: HOST, slots: 150, seconds: 12, seed: 1, closing }),
      );
      expect(tried).toBeGreaterThan(180);
      expect(opened).toBe(tried);
      // a busy machine may answer one late
      expect(first).toBeGreaterThanOrEqual((tried ?? 0) - 3);
    },
  );

  it('keeps one outside port for a UDP socket over ten servers', async () => {
    const result = await withRouter(V6PLUS, (lab) =>
      lab.load('client', 'endpoints', { hosts: HOSTS.slice(0, 10), sockets: 20 }),
    );
    expect(result).toEqual({ kept: 20, lost: 0 });
  });

  it('opens a flow of a UDP socket at a later packet where the range that knows it is full, and keeps its port elsewhere', async () => {
    // eight sockets have their ranges from another server: each is one flow more there than the range's share
    const result = await withRouter(V6PLUS, (lab) =>
      lab.load('client', 'late', { hosts: HOSTS.slice(0, 3), known: 8, count: 240 }),
    );
    expect(result).toMatchObject({ opened: 240, kept: 8 });
    expect(result.tries).toBeLessThanOrEqual(3);
  });

  it('gives the place of a connection that ended to the next one there', async () => {
    // In a full set turns alone would find the one free port with luck; a closed port is free at once here.
    const order = [3, 11, 3, 7, 14, 0, 0, 9].map((index) => V6PLUS.portRanges[index]);
    const result = await withRouter(
      V6PLUS,
      (lab) => lab.load('client', 'replace', { host: HOST, count: 240, ranges: order }),
      { sysctls: { 'net.netfilter.nf_conntrack_tcp_timeout_close': '0' } },
    );
    expect(result).toEqual({ held: 240, ports: order.map(([first] = [0, 0]) => first) });
  });

  it('never picks a port kept for a server, and uses all others', async () => {
    const reserved: readonly PortRange[] = [
      [6016, 6020],
      [14208, 14223],
      [63375, 63375],
    ];
    const held = await withRouter(
      V6PLUS,
      (lab) => lab.load('client', 'held', { protocol: 'tcp', host: HOST, count: 240 }),
      { reserved },
    );
    expect(held.firstLoss).toBe(240 - 22 + 1);
    expect(held.ports?.filter((port) => isInside(reserved, port))).toEqual([]);
  });
});

describe.runIf(canRun)('the table', () => {
  it('stays one over ten reloads, and connections live on', async () => {
    await withRouter(V6PLUS, async (lab) => {
      const alive = lab.load('client', 'alive', { host: HOST, count: 20, seconds: 2 });
      const before = await lab.run('router', 'nft', ['-s', 'list', 'table', 'ip', 'mape_image']);
      for (let round = 0; round < 10; round += 1) await lab.nft('router', natTable(V6PLUS));
      expect(await alive).toEqual({ survived: 20 });
      const tables = (await lab.run('router', 'nft', ['list', 'tables'])).trim().split('\n');
      expect(tables.filter((table) => table === 'table ip mape_image')).toHaveLength(1);
      const after = await lab.run('router', 'nft', ['-s', 'list', 'table', 'ip', 'mape_image']);
      expect(ruleLines(after)).toEqual(ruleLines(before));
    });
  });
});

/** Rules alone: sets hold what has happened. */
function ruleLines(listing: string): string[] {
  return listing.split('\n').filter((line) => /snat|goto|drop|accept|vmap/.test(line));
}
