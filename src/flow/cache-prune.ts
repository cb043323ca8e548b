import { dirname, join } from 'node:path';
import type { Ports } from '../io/ports.ts';
import { runUnlessLocked } from '../io/store-lock.ts';
import { withTempDir } from '../io/temp.ts';
import { type CacheItem, type CacheItemKind, type CachePlaces, listCache } from './cache.ts';

export interface PruneOptions {
  /** What was used since stays. */
  readonly olderThanMs: number | undefined;
  /** So many of each kind stay, the last used. */
  readonly keep: number | undefined;
  readonly dryRun: boolean;
}

export interface Pruned {
  readonly removed: readonly CacheItem[];
  /** What would have gone, but a program is at work with it. */
  readonly inUse: readonly CacheItem[];
  readonly kept: readonly CacheItem[];
}

/** What no later run looks for by itself; the beginning of a download is worth a day of waiting. */
const LEFTOVERS: readonly CacheItemKind[] = ['download', 'object', 'record'];
const LEFTOVER_AGE_MS = 24 * 3600 * 1000;
/** A program that is at work may have made it a moment ago, and say so in no lock. */
const SETTLED_AGE_MS = 3600 * 1000;

/**
 * Remove what is old, or more than is to be kept; with both, only what is old and more than that. With neither only leftovers
 * go. What a running build or download holds stays.
 *
 * @throws IoError FILE_UNWRITABLE, TOOL_MISSING (flock)
 */
export async function pruneCache(ports: Ports, places: CachePlaces, options: PruneOptions): Promise<Pruned> {
  const items = await listCache(ports, places);
  const chosen = chooseItems(items, options, ports.nowMs());
  const removed: CacheItem[] = [];
  const inUse: CacheItem[] = [];
  for (const item of chosen) {
    const gone = !item.inUse && (options.dryRun || (await removeItem(ports, item)));
    (gone ? removed : inUse).push(item);
  }
  const kept = items.filter((item) => !chosen.includes(item));
  return { removed, inUse, kept };
}

/** What is to go of a list in which the last used of each kind comes first. */
export function chooseItems(
  items: readonly CacheItem[],
  { olderThanMs, keep }: Pick<PruneOptions, 'olderThanMs' | 'keep'>,
  nowMs: number,
): readonly CacheItem[] {
  const seen = new Map<CacheItemKind, number>();
  return items.filter(({ kind, usedAtMs }) => {
    const rank = seen.get(kind) ?? 0;
    seen.set(kind, rank + 1);
    const ageMs = nowMs - usedAtMs;
    if (LEFTOVERS.includes(kind)) return ageMs > Math.max(SETTLED_AGE_MS, olderThanMs ?? LEFTOVER_AGE_MS);
    if (olderThanMs === undefined && keep === undefined) return false;
    if (kind === 'log' && ageMs < SETTLED_AGE_MS) return false;
    return ageMs > (olderThanMs ?? Number.NEGATIVE_INFINITY) && rank >= (keep ?? 0);
  });
}

/** @returns whether it could go */
async function removeItem(ports: Ports, item: CacheItem): Promise<boolean> {
  const { lockPath, path, files } = item;
  if (lockPath === undefined) {
    for (const file of files) await ports.files.remove(file);
    return true;
  }
  if (item.kind !== 'tree') return runUnlessLocked(ports, lockPath, ['rm', '-f', '--', ...files]);
  // A tree takes long to remove: under its lock it is only moved away, and no build finds half of it.
  return withTempDir(ports, dirname(path), (temp) =>
    runUnlessLocked(ports, lockPath, ['mv', '--', path, join(temp, 'tree')]),
  );
}
