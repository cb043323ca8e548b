// Ends of connections for the tests in network namespaces. Results are one JSON line on standard output.
//   server                          listen on 7000, TCP and UDP; answers with the port it sees; ends with standard input
//   tcp HOST COUNT [FROM_PORT]      open COUNT connections at a time and keep all: {opened, ports}
//   udp HOST... --sockets N         N sockets, each to all hosts: {ports: ports seen for each socket, lost}
//   listen HOST PORT                answer one TCP connection, then end
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

const [mode, ...args] = process.argv.slice(2);

function openTcp(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.setTimeout(3000, () => socket.destroy());
    socket.once('data', (data) => {
      socket.setTimeout(0);
      resolve(Number(data));
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });
}

function askUdp(socket, host) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), 2000);
    const hear = (data, from) => {
      if (from.address !== host) return;
      clearTimeout(timer);
      socket.off('message', hear);
      resolve(Number(data));
    };
    socket.on('message', hear);
    socket.send('?', 7000, host);
  });
}

if (mode === 'server') {
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(String(socket.remotePort));
  });
  tcp.listen(7000, '0.0.0.0', 2048, () => console.log('{"ready":true}'));
  // one socket an address, so that an answer comes from where the question went
  for (const { address } of Object.values(networkInterfaces()).flat()) {
    if (address.includes(':')) continue;
    const udp = createSocket('udp4');
    udp.on('message', (_, from) => udp.send(String(from.port), from.port, from.address));
    udp.bind(7000, address);
  }
  process.stdin.on('end', () => process.exit()).resume();
} else if (mode === 'tcp') {
  const ports = [];
  for (let left = Number(args[1]); left > 0; left -= 20)
    ports.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(left, 20) }, () => openTcp(args[0], Number(args[2] ?? 7000))),
      )),
    );
  const opened = ports.filter((port) => port !== undefined);
  console.log(JSON.stringify({ opened: opened.length, ports: opened }));
  process.exit();
} else if (mode === 'udp') {
  const hosts = args.slice(0, args.indexOf('--sockets'));
  const ports = [];
  for (let n = Number(args.at(-1)); n > 0; n -= 1) {
    const socket = createSocket('udp4');
    const seen = [];
    for (const host of hosts) seen.push(await askUdp(socket, host));
    ports.push(seen);
  }
  console.log(JSON.stringify({ ports }));
  process.exit();
} else if (mode === 'listen') {
  const server = createServer((socket) => {
    socket.on('close', () => process.exit());
    socket.end(String(socket.remotePort));
  });
  server.listen(Number(args[1]), args[0], () => console.log('{"ready":true}'));
}
