import { once } from 'node:events';
import { onAbort, throwIfAborted } from './abort.ts';
import { IoError } from './errors.ts';
import { execEnv } from './exec-env.ts';
import type { Ports, RunningProgram } from './ports.ts';

/** What `flock -n` of util-linux exits with where another holds the lock. */
const EXIT_BUSY = 1;

export interface LockOptions {
  /** Called once, when the lock is another's and the waiting begins. */
  readonly onWait?: () => void;
}

/**
 * Run `use` while holding the kernel's lock on an existing file; waits as long as another holds it.
 *
 * The lock is held by `flock FILE cat`, whose input is a pipe from us: it ends with this process in whatever way that
 * ends, and it leaves no file behind. That the lock is ours is known when `cat` gives back what was written to it.
 *
 * @throws IoError TOOL_MISSING where flock is not installed, LOCK_FAILED, INTERRUPTED while waiting
 * @see util-linux sys-utils/flock.c
 */
export async function withFileLock<T>(
  ports: Ports,
  path: string,
  use: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  let holder = await tryLock(ports, path, ['-n']);
  if (holder === undefined) {
    options.onWait?.();
    holder = await tryLock(ports, path, []);
  }
  if (holder === undefined) throw lockError(path, 'it ended without the lock');
  try {
    return await use();
  } finally {
    holder.stdin.end();
    await holder.ended;
  }
}

async function tryLock(
  ports: Ports,
  path: string,
  flags: readonly string[],
): Promise<RunningProgram | undefined> {
  throwIfAborted(ports.signal);
  const program = await ports.exec.start({
    file: 'flock',
    args: [...flags, path, 'cat'],
    env: execEnv(ports.env),
  });
  const forgetAbort = onAbort(ports.signal, program.kill);
  const echo = once(program.stdout, 'data').then(
    () => 'held' as const,
    () => undefined,
  );
  program.stdin.write('.');
  const first = await Promise.race([echo, program.ended]);
  forgetAbort();
  if (first === 'held' && !ports.signal.aborted) return program;
  program.kill();
  const { exitCode, stderr } = await program.ended;
  throwIfAborted(ports.signal);
  if (exitCode === EXIT_BUSY && stderr === '') return undefined;
  throw lockError(path, stderr.trim() === '' ? `exit code ${exitCode}` : stderr.trim());
}

function lockError(path: string, reason: string): IoError {
  return new IoError('LOCK_FAILED', {
    message: `wanted to lock ${path}, found flock unable to: ${reason}`,
    hint: 'choose a folder on a local disk of this machine',
    details: { path, reason },
  });
}
