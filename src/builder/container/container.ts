import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onAbort, throwIfAborted } from '../../io/abort.ts';
import { IoError, isErrno } from '../../io/errors.ts';
import type { ExecRequest, ExecResult, Ports } from '../../io/ports.ts';
import { BuilderError } from '../errors.ts';
import { type ContainerImage, PLATFORM } from './image.ts';
import type { ContainerTool } from './tool.ts';
import { explainCall } from './tool-failures.ts';

/** A container that runs and does nothing by itself; it goes with this process. */
export interface Container {
  readonly program: ContainerTool['program'];
  readonly image: ContainerImage;
  /**
   * Run a program in it to its end, umask 022; the exit code is a result.
   *
   * @throws BuilderError CONTAINER_ENDED where the container ended meanwhile; IoError TOOL_TIMEOUT, INTERRUPTED
   */
  run(args: readonly string[], options?: RunOptions): Promise<ExecResult>;
  /** Run a program that has to succeed. @returns its standard output @throws BuilderError CONTAINER_* */
  ask(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Run a program with a stream for its standard input. */
  send(args: readonly string[], source: Readable): Promise<Ended>;
  /** Run a program with its standard output going into a stream. */
  receive(args: readonly string[], target: Writable): Promise<Ended>;
}

export interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
}

export interface RunOptions extends Pick<ExecRequest, 'timeoutMs' | 'onOutput'> {
  /** Working folder; absent: that of the image. */
  readonly dir?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Lives as long as its input does, which is a pipe from us: when this process ends, in whatever way, so does the container
 * with all that runs in it, and `--rm` removes it. A shell, for the first process of a container has to wait for orphans.
 */
const LIFELINE = 'echo ready; cat >/dev/null';
/**
 * fakeroot closes every descriptor there may be, which takes minutes where a daemon allows a thousand million. Lowered in here,
 * for an option of the kind takes the place of all limits in the settings of podman.
 */
const PLAIN = 'umask 022; ulimit -n 4096 2>/dev/null; exec "$@"';

/** From us into the container by name, so that no value of theirs shows in the list of processes. */
const PASSED = ['LC_ALL', 'TZ', 'http_proxy', 'https_proxy', 'no_proxy'] as const;

/** How long a container may take to end after its input did. */
const GRACE_MS = 15_000;
const ASK_TIMEOUT_MS = 10 * 60_000;

/**
 * Run `use` with a container of an image. Nothing of this machine is mounted: files go in and out through pipes, so no file
 * ever has the wrong owner, and a container on another machine does as well.
 *
 * @param options.network whether programs in it can reach the network
 * @throws BuilderError CONTAINER_*; IoError INTERRUPTED
 */
export async function withContainer<T>(
  ports: Ports,
  tool: ContainerTool,
  image: ContainerImage,
  options: { readonly network: boolean },
  use: (container: Container) => Promise<T>,
): Promise<T> {
  throwIfAborted(ports.signal);
  const { program } = tool;
  const name = `mape-image-${randomBytes(8).toString('hex')}`;
  const lifeline = await tool.start([
    'run',
    '--rm',
    '--interactive',
    `--name=${name}`,
    '--pull=never',
    `--platform=${PLATFORM}`,
    ...(options.network ? [] : ['--network=none']),
    '--cap-drop=all',
    '--security-opt=no-new-privileges',
    '--entrypoint=sh',
    image.id,
    '-c',
    LIFELINE,
  ]);
  let ended: Ended | undefined;
  const ending = lifeline.ended.then((result) => {
    ended = result;
    return result;
  });
  const forgetAbort = onAbort(ports.signal, () => lifeline.stdin.end());
  try {
    const first = await Promise.race([
      once(lifeline.stdout, 'data').then(
        () => undefined,
        () => ending,
      ),
      ending,
    ]);
    throwIfAborted(ports.signal);
    if (first !== undefined) throw explainCall({ ...first, program, action: 'run', image: image.reference });
    lifeline.stdout.resume();
    ports.reporter.step('started-container', { name, program });
    const running = { name, ending, ended: () => ended, end: () => lifeline.stdin.end() };
    return await use(openContainer(ports, tool, image, running));
  } finally {
    forgetAbort();
    lifeline.stdin.end();
    if (!(await settlesWithin(ending, GRACE_MS))) {
      const removing = await tool.start(['rm', '--force', name]);
      await settlesWithin(removing.ended, GRACE_MS);
      removing.kill();
      lifeline.kill();
      await ending;
    }
  }
}

interface Running {
  readonly name: string;
  readonly ending: Promise<Ended>;
  ended(): Ended | undefined;
  end(): void;
}

function openContainer(
  ports: Ports,
  tool: ContainerTool,
  image: ContainerImage,
  running: Running,
): Container {
  const { program } = tool;
  const call = (args: readonly string[], { dir, env = {} }: RunOptions, interactive = false) => [
    'exec',
    ...(interactive ? ['--interactive'] : []),
    ...(dir === undefined ? [] : [`--workdir=${dir}`]),
    ...PASSED.filter((name) => hasValue(ports, name)).map((name) => `--env=${name}`),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    running.name,
    'sh',
    '-c',
    PLAIN,
    'sh',
    ...args,
  ];

  const checkRunning = async (exitCode: number): Promise<void> => {
    // The end of a program may be known a moment before that of the container it went down with.
    if (exitCode === 125 || exitCode > 128) await settlesWithin(running.ending, 1_000);
    const ended = running.ended();
    if (ended === undefined) return;
    throw new BuilderError('CONTAINER_ENDED', {
      message: `wanted the container to run until the build is done, found it ended with exit code ${ended.exitCode}`,
      hint: `look for "out of memory" where ${program} runs, and give its machine at least 2 GB; then run the command again`,
      details: { program, exitCode: ended.exitCode },
    });
  };

  const run = async (args: readonly string[], options: RunOptions = {}): Promise<ExecResult> => {
    await checkRunning(0);
    const { dir: _dir, env: _env, ...limits } = options;
    try {
      const result = await tool.run(call(args, options), { timeoutMs: ASK_TIMEOUT_MS, ...limits });
      if (result.exitCode !== 0) await checkRunning(result.exitCode);
      return result;
    } catch (cause) {
      // The client has ended, what it started in the container has not.
      if (cause instanceof IoError) running.end();
      throw cause;
    }
  };

  const pipe = async (
    args: readonly string[],
    join: (streams: { stdin: Writable; stdout: Readable }) => Promise<void>,
  ): Promise<Ended> => {
    await checkRunning(0);
    throwIfAborted(ports.signal);
    const started = await tool.start(call(args, {}, true));
    const forgetAbort = onAbort(ports.signal, started.kill);
    const joined = join(started).then(
      () => undefined,
      (cause: unknown) => ({ cause }),
    );
    const failure = await joined;
    if (failure !== undefined) started.stdin.destroy();
    const result = await started.ended;
    forgetAbort();
    throwIfAborted(ports.signal);
    // A program that stops reading says why on its own.
    if (failure !== undefined && !(result.exitCode !== 0 && isPipe(failure.cause))) throw failure.cause;
    if (result.exitCode !== 0) await checkRunning(result.exitCode);
    return result;
  };

  return {
    program,
    image,
    run,
    async ask(args, options) {
      const result = await run(args, options);
      if (result.exitCode === 0) return result.stdout;
      throw explainCall({ ...result, program, action: 'exec', image: image.reference });
    },
    send: (args, source) =>
      pipe(args, async ({ stdin, stdout }) => {
        stdout.resume();
        await pipeline(source, stdin);
      }),
    receive: (args, target) =>
      pipe(args, async ({ stdin, stdout }) => {
        stdin.end();
        await pipeline(stdout, target);
      }),
  };
}

function hasValue({ env }: Ports, name: (typeof PASSED)[number]): boolean {
  return name === 'LC_ALL' || name === 'TZ' || (env[name] ?? env[name.toUpperCase()] ?? '') !== '';
}

function isPipe(cause: unknown): boolean {
  return isErrno(cause) && ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET'].includes(cause.code);
}

async function settlesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const result = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return result;
}
