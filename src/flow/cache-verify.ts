import { basename } from 'node:path';
import { type Finding, MapeImageError } from '../errors.ts';
import type { Ports } from '../io/ports.ts';
import { pinnedKeys } from '../release/usign-keys.ts';
import type { CachePlaces } from './cache.ts';
import { FlowError } from './errors.ts';
import { type FetchCache, type KeysOf, openFetchCache, readRecords, verifyRecord } from './fetch-cached.ts';

export interface VerifyOptions {
  /** Remove what is damaged; it is fetched again when it is wanted. */
  readonly fix: boolean;
  readonly keysOf?: KeysOf | undefined;
}

export interface CacheVerdict {
  /** Files that were hashed. */
  readonly objects: number;
  /** ImageBuilders whose signature, list and digest hold. */
  readonly imagebuilders: number;
  /** Paths that were damaged and are removed. */
  readonly removed: readonly string[];
}

interface Damage {
  readonly path: string;
  readonly error: MapeImageError;
}

/**
 * Hash every file again and hold every ImageBuilder against its signature.
 *
 * @throws FlowError CACHE_DAMAGED with a finding for each file that is not what it was, unless they are removed
 */
export async function verifyCache(
  ports: Ports,
  { cacheDir }: CachePlaces,
  options: VerifyOptions,
): Promise<CacheVerdict> {
  const cache = openFetchCache(ports, cacheDir);
  const objects = await verifyObjects(ports, cache);
  if (options.fix) for (const { path } of objects.damages) await ports.files.remove(path);
  const records = await verifyRecords(ports, cache, options.keysOf ?? pinnedKeys);
  if (options.fix) for (const { path } of records.damages) await ports.files.remove(path);
  const damages = [...objects.damages, ...records.damages];
  if (damages.length > 0 && !options.fix) {
    throw new FlowError('CACHE_DAMAGED', {
      message: `wanted a cache as it was stored, found ${damages.length} damaged files`,
      hint: 'run "mape-image cache verify --fix" to remove them; they are fetched again when they are wanted',
      details: { count: damages.length, paths: damages.map(({ path }) => path) },
      findings: damages.map(toFinding),
    });
  }
  const removed = damages.map(({ path }) => path);
  return { objects: objects.count, imagebuilders: records.count, removed };
}

async function verifyObjects(
  ports: Ports,
  { store }: FetchCache,
): Promise<{ count: number; damages: readonly Damage[] }> {
  const objects = await store.list();
  const damages: Damage[] = [];
  for (const [index, { sha256, path }] of objects.entries()) {
    const count = { done: index + 1, total: objects.length };
    ports.reporter.progress('checking-cache', { name: basename(path).slice(0, 12) }, count);
    const found = await store.check(sha256);
    if (found.state === 'damaged') damages.push({ path, error: found.error });
  }
  return { count: objects.length, damages };
}

/** What a damaged object takes with it: the record that speaks of it. */
async function verifyRecords(
  ports: Ports,
  cache: FetchCache,
  keysOf: KeysOf,
): Promise<{ count: number; damages: readonly Damage[] }> {
  const files = await readRecords(ports, cache);
  const damages: Damage[] = [];
  for (const file of files) {
    if (file.record === undefined) {
      damages.push({ path: file.path, error: file.error });
      continue;
    }
    try {
      await verifyRecord(cache.store, file.record, keysOf);
    } catch (error) {
      if (!(error instanceof MapeImageError) || error.kind === 'interrupted') throw error;
      damages.push({ path: file.path, error });
    }
  }
  return { count: files.length - damages.length, damages };
}

function toFinding({ path, error }: Damage): Finding {
  const { code, message, hint, details } = error;
  return {
    severity: 'error',
    code,
    message: `${path}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, path },
  };
}
