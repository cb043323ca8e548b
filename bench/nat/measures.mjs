// What a design of NAT is asked, each time in a lab of its own. A measure gives {text, score}: score is its share of what
// is possible, or of what leaked.
import { join } from 'node:path';
import { FLUSH, pause, withGuard } from './guard.mjs';
import { DEVICE, HOSTS, withLab } from './lab.mjs';

const [HOST, ...OTHERS] = HOSTS;
const CHURN_SEC = 60;
const rangesOf = (count, step, first) =>
  Array.from({ length: count }, (_, index) => [first + index * step, first + index * step + 15]);

/** Port sets of the two large services, for one PSID each. */
export const V6PLUS = rangesOf(15, 4096, 6016);
export const OCN = rangesOf(63, 1024, 1232);
const sizeOf = (ranges) => ranges.length * 16;

/** What fw4 does after our table: everything that nothing mapped gets the address of the device. */
const FW4 = `table ip fw4 {\nchain srcnat {\ntype nat hook postrouting priority 100;\noifname "${DEVICE}" masquerade\n}\n}`;

/** A lab with the rules and settings of a design. */
export function withDesign(design, ranges, use) {
  return withLab({ ranges, sysctls: design.sysctls }, async (lab) => {
    await lab.nft('router', `${FW4}\n${design.rules(ranges)}`);
    return use(lab);
  });
}

const share = (value, of) => ({ text: `${value}`, score: value / of });
const percent = (value, of) => ({ text: `${value} of ${of}`, score: value / of });
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function held(design, ranges, protocol) {
  const size = sizeOf(ranges);
  const result = await withDesign(design, ranges, (lab) =>
    lab.load('client', 'held', { protocol, host: HOST, count: size + 20 }),
  );
  const before = result.firstLoss === null ? result.opened : result.firstLoss - 1;
  return {
    text: before === result.opened ? `${before}` : `${before} (${result.opened})`,
    score: before / size,
  };
}

/** Slots that live 2 to 30 s and are opened again within 0.2 s; free ports are counted where a first packet is lost. */
async function churn(design, slots, closing) {
  return withDesign(design, V6PLUS, async (lab) => {
    const misses = [];
    const counts = await lab.load(
      'client',
      'churn',
      { host: HOST, slots, seconds: CHURN_SEC, seed: slots, closing },
      () => misses.push(lab.freePorts(HOST, 'tcp', sizeOf(V6PLUS))),
    );
    const free = (await Promise.all(misses)).map((miss) => miss.free);
    return {
      ...percent(counts.first, counts.tried),
      detail: { ...counts, misses: free.length, exhausted: free.filter((ports) => ports === 0).length },
    };
  });
}

async function turns(design, period) {
  const { opened } = await withDesign(design, V6PLUS, (lab) =>
    lab.load('client', 'turns', { hosts: HOSTS.slice(0, period), held: 120, count: 100 }),
  );
  return share(opened, 100);
}

async function ordinaryLeaks(design) {
  const wrong = await withDesign(design, V6PLUS, async (lab) => {
    for (const where of ['client', 'router']) {
      for (const protocol of ['tcp', 'udp'])
        await lab.load(where, 'held', { protocol, host: HOST, count: 30 });
      await lab.raw(where, 'echo', HOST, 30);
      await lab.raw(where, 'protocols', HOST);
    }
    return lab.wrong();
  });
  return share(wrong, 1);
}

async function stoppedFirewall(design) {
  const wrong = await withLab({ ranges: V6PLUS, sysctls: design.sysctls }, async (lab) => {
    const rules = design.rules(V6PLUS);
    const around = async (restart) => {
      const flood = lab.load('client', 'flood', { host: HOST, seconds: 4 });
      await pause(500);
      await lab.shell('router', FLUSH);
      await restart();
      await flood;
      return lab.wrong();
    };
    if (design.guarded) return withGuard(lab, { rules }, ({ settled }) => around(settled));
    await lab.nft('router', `${FW4}\n${rules}`);
    return around(async () => {
      await pause(2000);
      await lab.nft('router', `${FW4}\n${rules}`);
    });
  });
  return share(wrong, 1);
}

/** @type {readonly {title: string, goal: string, short?: string, parallel?: number, run: (design: object) => Promise<object>}[]} */
export const MEASURES = [
  {
    title: 'TCP held to one server before the first loss, of 240',
    short: 'TCP to one server, 240 ports',
    goal: '240',
    run: (design) => held(design, V6PLUS, 'tcp'),
  },
  { title: 'UDP, of 240', goal: '240', run: (design) => held(design, V6PLUS, 'udp') },
  {
    title: 'TCP, of 1008',
    short: 'the same, 1008 ports',
    goal: '1008',
    run: (design) => held(design, OCN, 'tcp'),
  },
  { title: 'UDP, of 1008', goal: '1008', run: (design) => held(design, OCN, 'udp') },
  {
    title: 'echo ids at once, of 240 (300 tried)',
    goal: '240',
    run: async (design) => {
      const { answered } = await withDesign(design, V6PLUS, (lab) => lab.raw('client', 'echo', HOST, 300));
      return share(answered, 240);
    },
  },
  {
    title: '3000 TCP to 40 servers, at the first packet',
    goal: '3000',
    run: async (design) => {
      const { opened } = await withDesign(design, V6PLUS, (lab) =>
        lab.load('client', 'many', { hosts: HOSTS, count: 3000, seed: 1 }),
      );
      return share(opened, 3000);
    },
  },
  {
    title: '200 TCP among background traffic, at the first packet',
    short: '200 among background',
    goal: '200',
    run: async (design) => {
      const firsts = [];
      for (const seed of [1, 2, 3])
        firsts.push(
          (
            await withDesign(design, V6PLUS, (lab) =>
              lab.load('client', 'mixed', { host: HOST, count: 200, others: OTHERS, seed }),
            )
          ).first,
        );
      return share(median(firsts), 200);
    },
  },
  {
    title: '150 kept open, closed by RST: at the first packet, of tried',
    short: '150 kept open',
    goal: '100 %',
    parallel: 6,
    run: (design) => churn(design, 150, 'rst'),
  },
  {
    title: '200 kept open, the same',
    short: '200 kept open',
    goal: '≥ 97 %',
    parallel: 6,
    run: (design) => churn(design, 200, 'rst'),
  },
  {
    title: '150 kept open, closed by FIN',
    goal: '',
    parallel: 6,
    run: (design) => churn(design, 150, 'fin'),
  },
  {
    title: '2 destinations in turn, half of the ports held: new UDP, of 100',
    goal: '100',
    run: (design) => turns(design, 2),
  },
  {
    title: '3 destinations in turn, the same',
    short: '3 destinations in turn',
    goal: '100',
    run: (design) => turns(design, 3),
  },
  {
    title: 'UDP sockets with one outside port over 10 servers, of 20',
    short: 'UDP socket keeps its port',
    goal: '20',
    run: async (design) => {
      const { kept } = await withDesign(design, V6PLUS, (lab) =>
        lab.load('client', 'endpoints', { hosts: HOSTS.slice(0, 10), sockets: 20 }),
      );
      return share(kept, 20);
    },
  },
  { title: 'wrong packets: LAN and router; TCP, UDP, echo, ten protocols', goal: '0', run: ordinaryLeaks },
  { title: 'wrong packets: firewall stopped for 2 s and started', goal: '0', run: stoppedFirewall },
];

const PUMP_PORT = 7100;

/**
 * Bytes through one connection, in packets of one segment, for each design between two looks at plain masquerade; many
 * short looks rather than few long ones, since a shared machine is never quiet for long.
 *
 * @returns ratios to masquerade in the order of `designs`, as quartiles, and masquerade's own median in bytes a second
 */
export async function compareThroughput(designs, rounds = 41) {
  return withLab({ ranges: V6PLUS }, async (lab) => {
    // Segments are made into packets before the router, as on a wire.
    await lab.shell('client', 'ip link set c0 gso_max_segs 1');
    const sink = lab.start('server', process.execPath, [
      join(import.meta.dirname, 'load.mjs'),
      'sink',
      JSON.stringify({ port: PUMP_PORT }),
    ]);
    await sink.firstLine;
    const pump = async (rules) => {
      await lab.shell('router', FLUSH);
      await lab.nft('router', `${FW4}\n${rules}`);
      const { bytesPerSec } = await lab.load('client', 'pump', { host: HOST, port: PUMP_PORT, seconds: 0.4 });
      return bytesPerSec;
    };
    const bases = [];
    const ratios = designs.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      let before = await pump('');
      for (const [index, design] of designs.entries()) {
        const own = await pump(design.rules(V6PLUS));
        const after = await pump('');
        bases.push(after);
        ratios[index].push((own * 2) / (before + after));
        before = after;
      }
    }
    sink.child.kill('SIGKILL');
    return { ratios: ratios.map(quartiles), masquerade: median(bases) };
  });
}

function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round((sorted.length - 1) * share)];
  return { lower: at(0.25), median: median(values), upper: at(0.75) };
}
