import { constants as fsConstants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { abortError, anySignal, onAbort, throwIfAborted } from './abort.ts';
import { createBoundedText } from './bounded-text.ts';
import { fileError, IoError } from './errors.ts';
import type {
  ExecPort,
  ExecRequest,
  ExecResult,
  OutputStream,
  RunningProgram,
  StartRequest,
} from './ports.ts';
import { GROUP, PLAIN } from './supervisor.ts';

/** How long a program may take to end after SIGTERM before its group gets SIGKILL. */
const GRACE_MS = 2_000;
/** How long output may still come after the end, from a process that left the group and kept the pipe. */
const DRAIN_MS = 1_000;

const SHELL = '/bin/sh';
const STATUS_FD = 3;
const MESSAGE_FD = 8;

/**
 * Programs of this machine. The signal of the process ends each `run`, as does the request's own.
 *
 * @param parentEnv where `has` looks for `PATH`
 */
export function createExecPort(
  parentEnv: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): ExecPort {
  return {
    run: (request) => runToEnd(request, anySignal(signal, request.signal)),
    start: startProgram,
    has: async (program) => (await findProgram(program, parentEnv.PATH)) !== undefined,
  };
}

async function runToEnd(request: ExecRequest, signal: AbortSignal | undefined): Promise<ExecResult> {
  throwIfAborted(signal);
  const program = await requireProgram(request);
  const group = request.group === true;
  const startedMs = performance.now();
  const child = execa(SHELL, ['-c', group ? GROUP : PLAIN, 'sh', program, ...request.args], {
    ...spawnOptions(request),
    detached: true,
    stdio: [
      request.input === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      group ? 'pipe' : 'ignore',
      // The lifeline: no listener, and destroyed after the end.
      group ? 'pipe' : 'ignore',
      'ignore',
      'ignore',
      'ignore',
      request.fd8 === true ? 'pipe' : 'ignore',
    ],
  });
  const streams: readonly unknown[] = child.stdio;
  const texts = {
    stdout: collect(streams[1], 'stdout', request),
    stderr: collect(streams[2], 'stderr', request),
    fd8: collect(streams[MESSAGE_FD], 'fd8', request),
    status: collect(streams[STATUS_FD], undefined, request),
  };
  if (child.stdin !== null && child.stdin !== undefined) {
    // A program that ends without reading all of its input is no error of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.input);
  }

  let timedOut = false;
  const ending = createEnding(child.pid);
  const forgetAbort = onAbort(signal, ending.begin);
  const timer = setTimeout(
    () => {
      timedOut = true;
      ending.begin();
    },
    request.timeoutMs ?? 2 ** 31 - 1,
  );
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    ending.finish();
    drain = setTimeout(() => {
      for (const stream of streams) destroy(stream);
    }, DRAIN_MS);
  });
  const result = await child;
  for (const running of [timer, drain]) clearTimeout(running);
  forgetAbort();
  for (const stream of streams) destroy(stream);

  if (signal?.aborted === true) throw abortError(signal);
  if (timedOut) throw timeoutError(request);
  if (child.pid === undefined) throw fileError(result.cause ?? result, request.cwd ?? '.', 'read');
  return {
    exitCode: group ? parseStatus(texts.status()) : exitCodeOf(result),
    stdout: texts.stdout(),
    stderr: texts.stderr(),
    fd8: texts.fd8(),
    durationMs: Math.round(performance.now() - startedMs),
  };
}

async function startProgram(request: StartRequest): Promise<RunningProgram> {
  const program = await requireProgram(request);
  const child = execa(SHELL, ['-c', PLAIN, 'sh', program, ...request.args], {
    ...spawnOptions(request),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const [stdin, stdout] = child.stdio;
  if (!(stdin instanceof Writable) || !(stdout instanceof Readable)) {
    throw fileError((await child).cause, request.cwd ?? '.', 'read');
  }
  const stderr = createBoundedText(64 * 1024);
  child.stderr?.on('data', (chunk: Uint8Array) => stderr.add(chunk));
  stdin.on('error', () => undefined);
  const ending = createEnding(child.pid);
  const ended = child.then((result) => {
    ending.finish();
    return { exitCode: exitCodeOf(result), stderr: stderr.text() };
  });
  return { stdin, stdout, ended, kill: ending.now };
}

function spawnOptions(request: StartRequest) {
  return {
    env: { ...request.env },
    extendEnv: false,
    reject: false,
    buffer: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
  } as const;
}

/**
 * End a group: SIGTERM, and SIGKILL where that did not help. A group number stays taken as long as its leader was not
 * waited for, so no stranger is ever hit: `finish` is called when it was.
 */
function createEnding(pid: number | undefined): { begin(): void; now(): void; finish(): void } {
  let live = pid !== undefined;
  let timer: NodeJS.Timeout | undefined;
  const send = (name: 'SIGTERM' | 'SIGKILL') => {
    if (!live || pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      live = false;
    }
  };
  return {
    begin: () => {
      send('SIGTERM');
      timer = setTimeout(() => send('SIGKILL'), GRACE_MS);
    },
    now: () => send('SIGKILL'),
    finish: () => {
      live = false;
      clearTimeout(timer);
    },
  };
}

function collect(stream: unknown, name: OutputStream | undefined, request: ExecRequest): () => string {
  const text = createBoundedText();
  if (stream instanceof Readable) {
    stream.on('data', (chunk: Uint8Array) => {
      const part = text.add(chunk);
      if (name !== undefined && part !== '') request.onOutput?.(name, part);
    });
    stream.on('error', () => undefined);
  }
  return text.text;
}

function destroy(stream: unknown): void {
  if (stream instanceof Readable || stream instanceof Writable) stream.destroy();
}

/** The leader writes one line; nothing there means that it was killed from outside, as by the kernel out of memory. */
function parseStatus(text: string): number {
  return /^\d{1,3}\n$/.test(text) ? Number(text) : 128 + osConstants.signals.SIGKILL;
}

function exitCodeOf(result: { exitCode?: number | undefined; signal?: NodeJS.Signals | undefined }): number {
  if (result.signal !== undefined) return 128 + osConstants.signals[result.signal];
  return result.exitCode ?? 1;
}

async function requireProgram(request: StartRequest): Promise<string> {
  const found = await findProgram(request.file, request.env.PATH);
  if (found !== undefined) return found;
  throw new IoError('TOOL_MISSING', {
    message: `wanted the program ${request.file}, found none on PATH`,
    hint: `install ${request.file} with the package manager of this machine`,
    details: { program: request.file },
  });
}

async function findProgram(file: string, path: string | undefined): Promise<string | undefined> {
  const candidates = file.includes('/')
    ? [file]
    : (path ?? '').split(delimiter).flatMap((folder) => (folder === '' ? [] : [join(folder, file)]));
  for (const candidate of candidates) {
    try {
      await access(candidate, fsConstants.X_OK);
      if ((await stat(candidate)).isFile()) return candidate;
    } catch {}
  }
  return undefined;
}

function timeoutError(request: ExecRequest): IoError {
  const seconds = Math.round((request.timeoutMs ?? 0) / 1000);
  return new IoError('TOOL_TIMEOUT', {
    message: `wanted ${request.file} to end within ${seconds} s, found it still running`,
    hint: 'see the log for what it waited for; a slow network or disk is the usual cause',
    details: { program: request.file, seconds },
  });
}
