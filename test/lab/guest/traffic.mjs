// One end of connections, in one network namespace. Reads one JSON question a line, answers with one JSON line, in order.
//   {do:'serve', port}                     TCP and UDP on every address; each peer is told {address, port, size} of itself
//   {do:'tcp', hosts, port, count, ...}    open and keep COUNT connections, hosts in turn: {opened, ports, addresses,
//                                          firstFailure, errors}
//   {do:'udp', hosts, port, sockets, ...}  each of SOCKETS new sockets asks all hosts: {ports: one list a socket, null where lost};
//                                          `inTurn`: each asks one of them; bound to `fromPort` and up; `size` bytes
//                                          out, answers filled up to `answerSize`
//   {do:'alive'}                           which kept TCP connections still carry bytes: {alive, of}
//   {do:'download', host, port, bytes}     receive BYTES over one new connection: {received}
//   {do:'release'}                         end what is kept, TCP by reset: {}
//   {do:'flood', host, port}               UDP from ever new sockets until {do:'calm'}: {sent}
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';

let kept = [];
let flood;

const about = (address, port, size) =>
  `${JSON.stringify({ address: address.replace('::ffff:', ''), port, size })}\n`;

function serve({ port }) {
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(about(socket.remoteAddress, socket.remotePort, 0));
    socket.on('data', (data) => {
      const wanted = /^send ([0-9]+)\n/.exec(data.toString('latin1'));
      socket.write(wanted === null ? data : Buffer.alloc(Number(wanted[1])));
    });
  });
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
  // One socket an address, so that an answer comes from where the question went.
  const udp = addresses.map(
    (address) =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.on('message', (data, from) => {
          const wanted = Number(/^send ([0-9]+)\n/.exec(data.toString('latin1'))?.[1] ?? 0);
          const text = about(from.address, from.port, data.length).padEnd(wanted);
          socket.send(text, from.port, from.address, () => {});
        });
        socket.bind(port, address, resolve);
      }),
  );
  return Promise.all([new Promise((resolve) => tcp.listen(port, '0.0.0.0', 4096, resolve)), ...udp]).then(
    () => ({
      addresses,
    }),
  );
}

function openTcp(host, port, { timeoutMs = 20_000, localPort, errors }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ...(localPort === undefined ? {} : { localPort }) });
    let ended = false;
    const end = (peer) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      if (peer === undefined) socket.destroy();
      else kept.push(socket);
      resolve(peer);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.once('data', (data) => end(JSON.parse(String(data))));
    socket.on('error', ({ code }) => {
      errors.add(code);
      end();
    });
    socket.once('close', () => end());
  });
}

async function tcp({ hosts, port, count, parallel = 20, ...options }) {
  const peers = [];
  const errors = new Set();
  while (peers.length < count) {
    const batch = Array.from({ length: Math.min(parallel, count - peers.length) }, (_, i) =>
      openTcp(hosts[(peers.length + i) % hosts.length], port, { ...options, errors }),
    );
    peers.push(...(await Promise.all(batch)));
  }
  const heard = peers.filter((peer) => peer !== undefined);
  return {
    opened: heard.length,
    ports: heard.map(({ port }) => port),
    addresses: [...new Set(heard.map(({ address }) => address))],
    firstFailure: peers.indexOf(undefined) + 1,
    errors: [...errors],
  };
}

function askUdp(socket, host, port, { size = 16, answerSize = 0, timeoutMs = 10_000 }) {
  return new Promise((resolve) => {
    const end = (peer) => {
      clearTimeout(timer);
      clearInterval(again);
      socket.off('message', hear);
      resolve(peer);
    };
    const hear = (data, from) => {
      if (from.address === host) end(JSON.parse(String(data)));
    };
    const timer = setTimeout(end, timeoutMs);
    const question = Buffer.alloc(size);
    question.write(`send ${answerSize}\n`);
    const send = () => socket.send(question, port, host, () => {});
    const again = setInterval(send, 3000);
    socket.on('message', hear);
    send();
  });
}

async function udp({ hosts, port, sockets, parallel = 20, inTurn = false, fromPort, ...question }) {
  const seen = [];
  const one = async (_, offset) => {
    const n = seen.length + offset;
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.bind(fromPort === undefined ? 0 : fromPort + n, resolve));
    kept.push(socket);
    const answers = [];
    for (const host of inTurn ? [hosts[n % hosts.length]] : hosts)
      answers.push(await askUdp(socket, host, port, question));
    return answers;
  };
  while (seen.length < sockets)
    seen.push(...(await Promise.all(Array.from({ length: Math.min(parallel, sockets - seen.length) }, one))));
  const heard = seen.flat().filter((peer) => peer !== undefined);
  return {
    ports: seen.map((answers) => answers.map((peer) => peer?.port ?? null)),
    sizes: [...new Set(heard.map((peer) => peer.size))],
    addresses: [...new Set(heard.map(({ address }) => address))],
    lost: seen.flat().length - heard.length,
  };
}

async function alive({ timeoutMs = 20_000 }) {
  const connections = kept.filter((socket) => socket.resetAndDestroy !== undefined);
  const echoes = connections.map(
    (socket) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), timeoutMs);
        socket.once('data', () => {
          clearTimeout(timer);
          resolve(true);
        });
        socket.write('?');
      }),
  );
  return { alive: (await Promise.all(echoes)).filter(Boolean).length, of: connections.length };
}

function download({ host, port, bytes, timeoutMs = 30_000 }) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = 0;
    let greeted = false;
    const end = () => {
      clearTimeout(timer);
      socket.resetAndDestroy();
      resolve({ received });
    };
    const timer = setTimeout(end, timeoutMs);
    socket.on('error', end);
    socket.on('data', (data) => {
      if (!greeted) {
        greeted = true;
        socket.write(`send ${bytes}\n`);
        return;
      }
      received += data.length;
      if (received >= bytes) end();
    });
  });
}

function release() {
  for (const socket of kept) socket.resetAndDestroy === undefined ? socket.close() : socket.resetAndDestroy();
  kept = [];
  return {};
}

function startFlood({ host, port }) {
  let sent = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 5; i += 1) {
      const socket = createSocket('udp4');
      socket.on('error', () => {});
      socket.send('?', port, host, () => socket.close());
      sent += 1;
    }
  }, 5);
  flood = () => {
    clearInterval(timer);
    return { sent };
  };
  return {};
}

const verbs = { serve, tcp, udp, alive, download, release, flood: startFlood, calm: () => flood() };

let turn = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  turn = turn
    .then(() => verbs[question.do](question))
    .catch((error) => ({ error: String(error?.stack ?? error) }))
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
});
