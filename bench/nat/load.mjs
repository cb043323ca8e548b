// Ends of connections. Runs inside a namespace of the lab: load.mjs WHAT '{"options": …}'; one JSON line is the result.
//   serve     addresses                port 7000, TCP and UDP; answers with the source port it sees
//   held      protocol host count port   open and keep; {opened, firstLoss, ports}
//   replace   host count ranges        keep `count`; for each range end one of its connections by RST, open another: {held, ports}
//   alive     host count seconds       keep, and speak again after that time; {survived}
//   serving   address and the same     serve there meanwhile; {opened, survived}
//   many      hosts count              TCP connections to the hosts in random order, all kept; {opened}
//   mixed     host count others seed   keep `count` TCP connections while others come and go; {opened, first}
//   churn     host slots seconds seed closing   slots that live 2–30 s and are opened again; {tried, first, opened}
//   turns     hosts held count         keep `held` UDP sockets to the first host, then take the hosts in turn; {opened}
//   late      hosts known count        `known` UDP sockets to the second host, then `count` to the first, those last, each asked
//                                      up to 5 times; {opened, tries, kept}: how many keep their port towards the third
//   endpoints hosts sockets            one UDP socket to all hosts; {kept, lost}
//   flood     host seconds             UDP from changing sockets, 1000 packets a second
//   sink, pump                         bytes through one connection; {bytesPerSec}
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const PORT = 7000;
/** The first retransmission of a SYN comes after 1 s: an answer before that is the answer to the first packet. */
const FIRST_PACKET_MS = 900;
/** Nothing here takes longer than a few milliseconds; an answer that has not come by then will not. */
const ANSWER_MS = 450;
const BATCH = 30;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Numbers below `limit`, the same in every run with one seed (minimal standard generator). */
function makeRandom(seed) {
  let state = (seed % 2147483646) + 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * limit;
  };
}

/** Open a TCP connection. `port` is the outside port, undefined where nothing answered within `patienceMs`. */
function openTcp(host, { patienceMs = FIRST_PACKET_MS, port: to = PORT, onLate } = {}) {
  return new Promise((resolve) => {
    const socket = connect({ host, port: to });
    const late = onLate && setTimeout(onLate, 60);
    const since = performance.now();
    let answeredMs = Number.POSITIVE_INFINITY;
    const give = (port) => {
      clearTimeout(late);
      clearTimeout(patience);
      if (port === undefined) socket.destroy();
      resolve({ socket, port, answeredMs });
    };
    const patience = setTimeout(() => give(undefined), patienceMs);
    socket.once('connect', () => {
      answeredMs = performance.now() - since;
      clearTimeout(late);
    });
    socket.once('data', (data) => give(Number(data)));
    socket.on('error', () => give(undefined));
  });
}

/** Ask over UDP once, without a second try; the outside port. */
function ask(socket, host, port = PORT) {
  return new Promise((resolve) => {
    const hear = (data, from) => {
      if (from.address === host) give(Number(data));
    };
    const give = (port) => {
      clearTimeout(timer);
      socket.off('message', hear);
      resolve(port);
    };
    const timer = setTimeout(() => give(undefined), ANSWER_MS / 2);
    socket.on('message', hear);
    socket.send('?', port, host);
  });
}

async function openUdp(host, port) {
  const socket = createSocket('udp4');
  return { socket, port: await ask(socket, host, port) };
}

async function inBatches(count, size, open) {
  const results = [];
  while (results.length < count)
    results.push(
      ...(await Promise.all(Array.from({ length: Math.min(size, count - results.length) }, open))),
    );
  return results;
}

async function serve(addresses) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(String(socket.remotePort));
    socket.pipe(socket);
  });
  await new Promise((resolve) => server.listen(PORT, '0.0.0.0', 4096, resolve));
  // One socket an address, so that an answer comes from where the question went.
  for (const address of addresses) {
    const udp = createSocket('udp4');
    udp.on('message', (_, from) => udp.send(String(from.port), from.port, from.address));
    await new Promise((resolve) => udp.bind(PORT, address, resolve));
  }
}

/** Of connections that were opened, those over which an answer still comes. */
async function countAlive(all) {
  const answers = all.map(
    ({ socket, port }) =>
      new Promise((resolve) => {
        if (port === undefined) return resolve(false);
        setTimeout(resolve, ANSWER_MS, false);
        socket.once('data', () => resolve(true));
        socket.write('x');
      }),
  );
  return (await Promise.all(answers)).filter(Boolean).length;
}

const parts = {
  async serve({ addresses }) {
    await serve(addresses);
    say({ ready: true });
    return new Promise(() => {});
  },

  async held({ protocol, host, count, port: to }) {
    const all = await inBatches(count, BATCH, () =>
      protocol === 'tcp' ? openTcp(host, { patienceMs: ANSWER_MS, port: to }) : openUdp(host, to),
    );
    const ports = all.map(({ port }) => port);
    const loss = ports.indexOf(undefined);
    return {
      opened: ports.filter((port) => port !== undefined).length,
      firstLoss: loss === -1 ? null : loss + 1,
      ports: ports.filter((port) => port !== undefined),
    };
  },

  async replace({ host, count, ranges }) {
    const all = await inBatches(count, BATCH, () => openTcp(host));
    const held = all.filter(({ port }) => port !== undefined).length;
    const ports = [];
    for (const [first, last] of ranges) {
      const index = all.findIndex(({ port }) => first <= port && port <= last);
      all[index].socket.on('close', () => {}).resetAndDestroy();
      await sleep(20);
      all[index] = await openTcp(host);
      const range = ranges.find(([from, to]) => from <= all[index].port && all[index].port <= to);
      ports.push(range?.[0] ?? null);
    }
    return { held, ports };
  },

  async alive({ host, count, seconds }) {
    const all = await inBatches(count, BATCH, () => openTcp(host));
    await sleep(seconds * 1000);
    return { survived: await countAlive(all) };
  },

  async serving({ address, host, count, seconds }) {
    await serve([address]);
    const all = await inBatches(count, BATCH, () => openTcp(host));
    await sleep(seconds * 1000);
    return {
      opened: all.filter(({ port }) => port !== undefined).length,
      survived: await countAlive(all),
    };
  },

  async many({ hosts, count, seed }) {
    const random = makeRandom(seed);
    const all = await inBatches(count, BATCH, () =>
      openTcp(hosts[Math.floor(random(hosts.length))], { patienceMs: ANSWER_MS }),
    );
    return { opened: all.filter(({ port }) => port !== undefined).length };
  },

  async mixed({ host, count, others, seed }) {
    const random = makeRandom(seed);
    const background = async () => {
      const other = others[Math.floor(random(others.length))];
      const { socket } = random(3) < 2 ? await openTcp(other) : await openUdp(other);
      setTimeout(() => (socket.destroy ?? socket.close).call(socket), random(500));
    };
    const held = [];
    for (let index = 0; index < count; index += 1) {
      const around = Array.from({ length: Math.floor(random(4)) }, background);
      held.push(openTcp(host, { patienceMs: 8000 }));
      await Promise.all(around);
    }
    const all = await Promise.all(held);
    return {
      opened: all.filter(({ port }) => port !== undefined).length,
      first: all.filter(({ answeredMs }) => answeredMs < FIRST_PACKET_MS).length,
    };
  },

  async churn({ host, slots, seconds, seed, closing }) {
    const random = makeRandom(seed);
    const end = performance.now() + seconds * 1000;
    const counts = { tried: 0, first: 0, opened: 0 };
    const live = async (index) => {
      await sleep(index * 10);
      while (performance.now() < end) {
        counts.tried += 1;
        const number = counts.tried;
        const { socket, port, answeredMs } = await openTcp(host, {
          patienceMs: 8000,
          onLate: () => say({ miss: { number } }),
        });
        if (answeredMs < FIRST_PACKET_MS) counts.first += 1;
        if (port === undefined) continue;
        counts.opened += 1;
        socket.on('error', () => {});
        await sleep(Math.min(2000 + random(28_000), Math.max(0, end - performance.now())));
        if (closing === 'fin') socket.end();
        else socket.resetAndDestroy();
        await sleep(random(200));
      }
    };
    await Promise.all(Array.from({ length: slots }, (_, index) => live(index)));
    return counts;
  },

  async turns({ hosts, held, count }) {
    const [first, ...others] = hosts;
    const before = await inBatches(held, BATCH, () => openUdp(first));
    let opened = 0;
    for (let index = 0; index < count; index += 1) {
      if ((await openUdp(first)).port !== undefined) opened += 1;
      for (const other of others) await openUdp(other);
    }
    return { held: before.filter(({ port }) => port !== undefined).length, opened };
  },

  async late({ hosts: [there, before, after], known, count }) {
    const early = await inBatches(known, BATCH, () => openUdp(before));
    const fresh = Array.from({ length: count - known }, () => ({ socket: createSocket('udp4') }));
    let opened = 0;
    let tries = 0;
    for (const { socket } of [...fresh, ...early]) {
      let port;
      for (let number = 1; number <= 5 && port === undefined; number += 1) {
        tries = Math.max(tries, number);
        port = await ask(socket, there);
      }
      if (port !== undefined) opened += 1;
    }
    let kept = 0;
    for (const { socket, port } of early) if ((await ask(socket, after)) === port) kept += 1;
    return { opened, tries, kept };
  },

  async endpoints({ hosts, sockets }) {
    let kept = 0;
    let lost = 0;
    for (let index = 0; index < sockets; index += 1) {
      const socket = createSocket('udp4');
      const seen = [];
      for (const host of hosts) seen.push(await ask(socket, host));
      lost += seen.filter((port) => port === undefined).length;
      if (seen[0] !== undefined && new Set(seen).size === 1) kept += 1;
    }
    return { kept, lost };
  },

  async flood({ host, seconds }) {
    const sockets = Array.from({ length: 50 }, () => createSocket('udp4'));
    const end = performance.now() + seconds * 1000;
    let sent = 0;
    while (performance.now() < end) {
      for (let index = 0; index < 10; index += 1) {
        sockets[sent % sockets.length].send('x', PORT, host, () => {});
        sent += 1;
      }
      await sleep(10);
    }
    return { sent };
  },

  async sink({ port }) {
    const server = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise((resolve) => server.listen(port, '0.0.0.0', resolve));
    say({ ready: true });
    return new Promise(() => {});
  },

  async pump({ host, port, seconds }) {
    const socket = connect({ host, port, highWaterMark: 1 << 20 });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const chunk = Buffer.alloc(1 << 18);
    const since = performance.now();
    while (performance.now() - since < seconds * 1000)
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
    const bytesPerSec = (socket.bytesWritten - socket.writableLength) / ((performance.now() - since) / 1000);
    return { bytesPerSec };
  },
};

// The lab holds the other end of standard input: no end of a connection outlives it.
process.stdin.on('end', () => process.exit()).resume();

const [what, options = '{}'] = process.argv.slice(2);
say(await parts[what](JSON.parse(options)));
process.exit();
