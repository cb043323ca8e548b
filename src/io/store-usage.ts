import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from './abort.ts';
import { isErrno } from './errors.ts';
import type { Ports } from './ports.ts';

/** What lies at a path. */
export interface Usage {
  /** Of all files below, in bytes. */
  readonly sizeBytes: number;
  /** When something near the top of it last changed, in milliseconds since 1970. */
  readonly changedAtMs: number;
}

/** A build changes what lies so deep: `<tree>/<top folder>/tmp`. */
const CHANGE_DEPTH = 2;

/** Measure a file or a folder; links are not followed, and what vanishes meanwhile is passed over. */
export async function measureUsage(ports: Ports, path: string): Promise<Usage> {
  return measure(ports.signal, path, 0);
}

async function measure(signal: AbortSignal, path: string, depth: number): Promise<Usage> {
  throwIfAborted(signal);
  const found = await orGone(lstat(path));
  if (found === undefined) return { sizeBytes: 0, changedAtMs: 0 };
  let sizeBytes = found.isDirectory() ? 0 : found.size;
  let changedAtMs = depth <= CHANGE_DEPTH ? found.mtimeMs : 0;
  for (const name of found.isDirectory() ? ((await orGone(readdir(path))) ?? []) : []) {
    const below = await measure(signal, join(path, name), depth + 1);
    sizeBytes += below.sizeBytes;
    changedAtMs = Math.max(changedAtMs, below.changedAtMs);
  }
  return { sizeBytes, changedAtMs };
}

async function orGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (isErrno(cause)) return undefined;
    throw cause;
  }
}
