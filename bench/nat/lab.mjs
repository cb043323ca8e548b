// Three network namespaces on the kernel at hand: client – router – server. The router's outer device bears the name of
// the tunnel; the server counts what must never arrive there. All traffic stays inside; everything ends with the lab.
import { execFile, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const DEVICE = 'map-wan6mape';
export const ADDRESS = '203.0.113.9';
export const ROUTER_LAN = '192.168.1.1';
export const CLIENT = '192.168.1.100';
/** Addresses of the server, 40 of them. */
export const HOSTS = Array.from({ length: 40 }, (_, index) => `198.51.100.${index + 1}`);

/**
 * Make a lab, use it, remove it.
 *
 * @param options.ranges the port set, for the counter of what is wrong
 * @param options.sysctls of the router's namespace, by name below /proc/sys with dots
 */
export async function withLab({ ranges, sysctls = {}, address = ADDRESS }, use) {
  const holders = [];
  try {
    const [client, router, server] = await Promise.all([hold(holders), hold(holders), hold(holders)]);
    const lab = makeLab({ client, router, server });
    await lab.shell('router', wire({ client, server, address }));
    await lab.shell('client', `ip route add default via ${ROUTER_LAN}`);
    for (const [name, value] of Object.entries(sysctls))
      await lab.shell('router', `echo ${value} >/proc/sys/${name.replaceAll('.', '/')}`);
    await lab.nft('server', watch(ranges, address));
    const listening = lab.start('server', process.execPath, [
      LOAD,
      'serve',
      JSON.stringify({ addresses: HOSTS }),
    ]);
    holders.push(listening.child);
    await listening.firstLine;
    return await use(lab);
  } finally {
    for (const child of holders) child.kill('SIGKILL');
  }
}

const LOAD = join(import.meta.dirname, 'load.mjs');
const RAW = join(import.meta.dirname, 'raw.pl');

async function hold(holders) {
  // cat ends with its input, which ends with this program, however that ends
  const child = spawn('unshare', ['-n', 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
  holders.push(child);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const own = readlinkSync('/proc/self/ns/net');
  for (let tries = 0; tries < 2000; tries += 1) {
    if (readlinkSync(`/proc/${child.pid}/ns/net`) !== own) return child.pid;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('unshare made no network namespace');
}

function wire({ client, server, address }) {
  return `
    set -e
    ip link set lo up
    ip link add lan0 type veth peer name c0 netns ${client}
    ip link add ${DEVICE} type veth peer name s0 netns ${server}
    ip addr add ${ROUTER_LAN}/24 dev lan0
    ip link set lan0 up
    nsenter -t ${client} -n sh -c 'ip link set lo up; ip addr add ${CLIENT}/24 dev c0; ip link set c0 up'
    nsenter -t ${server} -n sh -c 'ip link set lo up; for host in ${HOSTS.join(' ')}; do ip addr add $host/24 dev s0; done; ip link set s0 up; ip route add ${address}/32 dev s0'
    echo 1 >/proc/sys/net/ipv4/ip_forward
    ip addr add ${address}/32 dev ${DEVICE}
    ip link set ${DEVICE} up
    ip route add 198.51.100.0/24 dev ${DEVICE} src ${address}`;
}

/** Counters of the server: `wrong` must stay 0, `heard` is everything. */
export function watch(ranges, address) {
  const set = ranges.map(([first, last]) => `${first}-${last}`).join(', ');
  return `table ip watch {
    counter wrong {}
    counter heard {}
    chain in {
      type filter hook prerouting priority -300;
      counter name heard
      ip saddr != ${address} counter name wrong accept
      tcp sport != { ${set} } counter name wrong accept
      udp sport != { ${set} } counter name wrong accept
      icmp type echo-request icmp id != { ${set} } counter name wrong accept
      meta l4proto != { tcp, udp, icmp } counter name wrong accept
    }
  }`;
}

function makeLab(pids) {
  const enter = (where, file, args) => ['nsenter', ['-t', String(pids[where]), '-n', file, ...args]];
  const lab = {
    /** Run a program to its end; its standard output. */
    async run(where, file, args, options = {}) {
      const { stdout } = await run(...enter(where, file, args), { maxBuffer: 64 << 20, ...options });
      return stdout;
    },
    shell: (where, script) => lab.run(where, 'sh', ['-c', script]),
    /** Start a program; lines of its output go to `onLine`. */
    start(where, file, args, onLine = () => {}) {
      const child = spawn(...enter(where, file, args), { stdio: ['pipe', 'pipe', 'inherit'] });
      let rest = '';
      let heard;
      const firstLine = new Promise((resolve) => {
        heard = resolve;
      });
      child.stdout.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          heard(line);
          onLine(line);
        }
      });
      const ended = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
      return { child, firstLine, ended };
    },
    nft: async (where, text) => {
      const child = spawn(...enter(where, 'nft', ['-f', '-']), { stdio: ['pipe', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      child.stdin.end(text);
      const code = await new Promise((resolve) => child.once('close', resolve));
      if (code !== 0) throw new Error(`nft: ${said.slice(0, 2000)}`);
    },
    /** What a part of load.mjs or raw.pl measured. `onMiss` is told of first packets that stay unanswered, at once. */
    async load(where, what, options = {}, onMiss = () => {}) {
      let result;
      const { ended } = lab.start(where, process.execPath, [LOAD, what, JSON.stringify(options)], (line) => {
        const message = JSON.parse(line);
        if (message.miss === undefined) result = message;
        else onMiss(message.miss);
      });
      await ended;
      if (result === undefined) throw new Error(`load.mjs ${what} ended without a result`);
      return result;
    },
    raw: async (where, ...args) => JSON.parse(await lab.run(where, 'perl', [RAW, ...args.map(String)])),
    /** Packets of a counter. */
    async count(where, table, name) {
      const text = await lab.run(where, 'nft', ['list', 'counter', 'ip', table, name]);
      return Number(/packets (\d+)/.exec(text)?.[1]);
    },
    wrong: () => lab.count('server', 'watch', 'wrong'),
    heard: () => lab.count('server', 'watch', 'heard'),
    /** Ports of the set that no connection to that host holds, living or closing, and how many are merely closing. */
    async freePorts(host, protocol, size) {
      const text = await lab.run('router', 'cat', ['/proc/net/nf_conntrack']);
      const ports = new Map();
      for (const line of text.split('\n')) {
        const fields = line.split(/\s+/);
        if (fields[2] !== protocol) continue;
        const value = (name, nth) =>
          fields.filter((field) => field.startsWith(`${name}=`))[nth]?.slice(name.length + 1);
        if (value('dst', 0) === host) ports.set(value('dport', 1), fields[5]);
      }
      const closing = [...ports.values()].filter(
        (state) => state === 'TIME_WAIT' || state === 'CLOSE',
      ).length;
      return { free: size - ports.size, closing };
    },
    pids,
  };
  return lab;
}
