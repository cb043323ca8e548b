// What the host asks of the machine, one JSON object a line over a virtio port, answered with the same `id`:
//   {script, ns?, root?, input?, timeoutMs}  run it by ash in a network namespace and root: {code, stdout, stderr}
//   {file, base64, mode}                     write a file: {}
//   {ns, ask}                                ask the traffic program of a namespace, started when first asked: its answer
//   {retire}                                 end the traffic programs of all namespaces: {}
import { spawn } from 'node:child_process';
import {
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const folder = '/sys/class/virtio-ports';
const port = readdirSync(folder).find(
  (name) => readFileSync(`${folder}/${name}/name`, 'utf8').trim() === 'lab',
);
const channel = openSync(`/dev/${port}`, 'r+');
const residents = new Map();

function answer(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(channel, bytes, at);
}

/** Arguments that put a program into a network namespace and below a root of its own. */
function placed({ ns, root }, ...program) {
  const inside = root === undefined ? program : ['chroot', root, ...program];
  return ns === undefined ? inside : ['nsenter', `--net=/run/netns/${ns}`, ...inside];
}

function run(request) {
  return new Promise((resolve) => {
    const [file, ...args] = placed(request, '/bin/sh', '-c', request.script);
    const child = spawn(file, args, {
      detached: true,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/' },
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    const timer = setTimeout(() => {
      output.stderr += `lab: stopped after ${request.timeoutMs} ms\n`;
      process.kill(-child.pid, 'SIGKILL');
    }, request.timeoutMs);
    child.stdin.on('error', () => {});
    child.stdin.end(request.input ?? '');
    // Not `close`: what a script leaves running in the background holds its output open.
    child.on('exit', (code, signal) =>
      setTimeout(() => {
        clearTimeout(timer);
        for (const name of ['stdout', 'stderr']) child[name].destroy();
        resolve({ code: code ?? 128, signal, ...output });
      }, 20),
    );
  });
}

function makeResident(ns) {
  const [file, ...args] = placed({ ns }, 'node', '/lab/traffic.mjs');
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  child.on('exit', () => {
    for (const resolve of waiting) resolve({ error: 'the traffic program ended' });
  });
  return {
    end: () => child.kill('SIGKILL'),
    ask: (question) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify(question)}\n`);
      }),
  };
}

async function obey(request) {
  if (request.script !== undefined) return run(request);
  if (request.file !== undefined) {
    mkdirSync(dirname(request.file), { recursive: true });
    writeFileSync(request.file, Buffer.from(request.base64, 'base64'), { mode: request.mode });
    return {};
  }
  if (request.ask !== undefined) {
    if (!residents.has(request.ns)) residents.set(request.ns, makeResident(request.ns));
    return residents.get(request.ns).ask(request.ask);
  }
  for (const resident of residents.values()) resident.end();
  residents.clear();
  return {};
}

createInterface({ input: createReadStream('', { fd: channel, autoClose: false }) }).on(
  'line',
  async (line) => {
    const request = JSON.parse(line);
    const result = await obey(request).catch((error) => ({ error: String(error?.stack ?? error) }));
    answer({ id: request.id, ...result });
  },
);
answer({ id: 0, ready: true, kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() });
