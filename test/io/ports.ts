import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { createNodePorts } from '../../src/io/node.ts';
import type { Ports } from '../../src/io/ports.ts';

export interface Recorded {
  readonly steps: string[];
  readonly progress: { readonly id: string; readonly done?: number; readonly total?: number }[];
}

/** The real ports with a reporter that remembers. */
export function createTestPorts(
  options: {
    readonly signal?: AbortSignal;
    readonly env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Ports & { readonly recorded: Recorded } {
  const recorded: Recorded = { steps: [], progress: [] };
  const ports = createNodePorts({
    reporter: {
      step: (id) => recorded.steps.push(id),
      progress: (id, _details, count) => recorded.progress.push({ id, ...count }),
      warn: () => undefined,
      detail: () => undefined,
    },
    signal: options.signal ?? new AbortController().signal,
    env: options.env ?? { PATH: process.env.PATH, HOME: '/nonexistent' },
    cwd: '/',
  });
  return { ...ports, recorded };
}

/** A folder for one test, on a real path; removed after it. */
export function createTempDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mape-image-test-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The code of the error that a promise ends with, `none` where it is kept. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof MapeImageError ? error.code : `not coded: ${error}`;
  }
}

/** Ask again and again until it is so; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Whether a process runs; one that ended and was not waited for yet does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
