import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const QEMU = 'qemu-system-x86_64';
const MEMORY_MIB = 768;
/** A kernel that runs at all says something within this time, whatever the host is busy with. */
const KVM_PROBE_MS = 15_000;
const BOOT_MS = 240_000;

export interface MachineFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** Where the machine's socket and console log are put. */
  readonly folder: string;
}

export interface Machine {
  readonly accelerator: 'kvm' | 'tcg';
  readonly kernel: string;
  /** Ask the agent of the machine; what it answers is not checked here. */
  ask(request: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  console(): string;
  stop(): Promise<void>;
}

/** Start the machine, with KVM where it works: a device file alone does not say so, a kernel that speaks does. */
export async function startMachine(files: MachineFiles): Promise<Machine> {
  if (isUsable('/dev/kvm') && /\b(vmx|svm)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'))) {
    const machine = start(files, 'kvm');
    if (await speaks(machine, KVM_PROBE_MS)) return connectAgent(machine, 'kvm');
    await end(machine);
  }
  return connectAgent(start(files, 'tcg'), 'tcg');
}

function isUsable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly log: string;
  readonly socket: string;
  /** What QEMU itself said, and whether it ended. */
  readonly state: { stderr: string; ended: boolean };
}

function start({ kernel, initrd, folder }: MachineFiles, accelerator: 'kvm' | 'tcg'): Started {
  const log = join(folder, `console-${accelerator}.log`);
  const socket = join(folder, `agent-${accelerator}.sock`);
  const child = spawn(
    QEMU,
    [
      ...[
        '-accel',
        accelerator === 'tcg' ? 'tcg,thread=multi' : 'kvm',
        '-cpu',
        accelerator === 'tcg' ? 'max' : 'host',
      ],
      ...[
        '-smp',
        '2',
        '-m',
        String(MEMORY_MIB),
        '-nodefaults',
        '-no-user-config',
        '-display',
        'none',
        '-no-reboot',
      ],
      ...['-kernel', kernel, '-initrd', initrd],
      // a panic ends the machine; random numbers of the processor are as good as a test needs
      ...['-append', 'console=ttyS0 panic=-1 random.trust_cpu=on'],
      ...['-serial', `file:${log}`],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=lab,path=${socket},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=lab,name=lab'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const state = { stderr: '', ended: false };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    state.stderr += text;
  });
  child.on('error', () => {
    state.ended = true;
  });
  child.on('exit', () => {
    state.ended = true;
  });
  // a test run that is stopped leaves no machine behind
  process.once('exit', () => child.kill('SIGKILL'));
  return { child, log, socket, state };
}

async function speaks({ log, state }: Started, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs && !state.ended; waitedMs += 100) {
    if (existsSync(log) && statSync(log).size > 0) return true;
    await sleep(100);
  }
  return false;
}

async function end({ child, state }: Started): Promise<void> {
  if (!state.ended) {
    child.kill('SIGKILL');
    while (!state.ended) await sleep(20);
  }
}

async function connectAgent(started: Started, accelerator: 'kvm' | 'tcg'): Promise<Machine> {
  const readConsole = () => (existsSync(started.log) ? readFileSync(started.log, 'utf8') : '');
  const waiting = new Map<number, (answer: Readonly<Record<string, unknown>>) => void>();
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve) => waiting.set(0, resolve));
  let socket: Socket | undefined;
  while (socket === undefined && !started.state.ended) {
    socket = await open(started.socket);
    if (socket === undefined) await sleep(50);
  }
  const failure = () =>
    new Error(`the machine ended\n${started.state.stderr}\n${readConsole().slice(-4000)}`);
  if (socket === undefined) throw failure();
  const channel = socket;
  createInterface({ input: channel }).on('line', (line) => {
    const answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  channel.on('close', () => {
    for (const resolve of waiting.values()) resolve({ error: failure().message });
  });
  const hello = await Promise.race([ready, sleep(BOOT_MS, undefined, { ref: false })]);
  if (hello?.ready !== true) {
    await end(started);
    throw new Error(`the machine did not come up\n${started.state.stderr}\n${readConsole().slice(-4000)}`);
  }
  let lastId = 0;
  return {
    accelerator,
    kernel: String(hello.kernel),
    ask: (request) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        channel.write(`${JSON.stringify({ id: lastId, ...request })}\n`);
      }),
    console: readConsole,
    stop: async () => {
      channel.destroy();
      await end(started);
    },
  };
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
