import { IoError } from './errors.ts';
import { execEnv } from './exec-env.ts';
import type { Ports } from './ports.ts';

/** Exit code that flock gives where another holds the lock; the program it runs does not use it. */
const EXIT_BUSY = 75;

/**
 * Run a program while holding the kernel's lock on a file, or do nothing where another holds it.
 *
 * @returns whether the lock was free
 * @throws IoError TOOL_MISSING where flock is not installed, TOOL_FAILED
 * @see util-linux sys-utils/flock.c
 */
export async function runUnlessLocked(
  ports: Ports,
  lockPath: string,
  program: readonly [string, ...string[]],
): Promise<boolean> {
  const [name] = program;
  const { exitCode, stderr } = await ports.exec.run({
    file: 'flock',
    args: ['-n', '-E', String(EXIT_BUSY), lockPath, ...program],
    env: execEnv(ports.env),
  });
  if (exitCode === 0) return true;
  if (exitCode === EXIT_BUSY) return false;
  throw new IoError('TOOL_FAILED', {
    message: `wanted ${name} to do its work under the lock ${lockPath}, found exit code ${exitCode}`,
    hint: 'see the lines shown',
    details: { program: name, path: lockPath, exitCode },
    lines: stderr.trim().split('\n').slice(-5),
  });
}

/** Whether another program holds the lock on a file. */
export async function isLocked(ports: Ports, lockPath: string): Promise<boolean> {
  return !(await runUnlessLocked(ports, lockPath, ['true']));
}
