import { basename } from 'node:path';
import { openPackageStore, readPackageSets } from '../builder/local/package-set.ts';
import { type Finding, MapeImageError } from '../errors.ts';
import type { Ports } from '../io/ports.ts';
import type { Store } from '../io/store.ts';
import { pinnedKeys } from '../release/usign-keys.ts';
import type { CachePlaces } from './cache.ts';
import { listBuildFolders } from './cache-folders.ts';
import { FlowError } from './errors.ts';
import { type FetchCache, type KeysOf, openFetchCache, readRecords, verifyRecord } from './fetch-cached.ts';

export interface VerifyOptions {
  /** Remove what is damaged; it is fetched again when it is wanted. */
  readonly fix: boolean;
  readonly keysOf?: KeysOf | undefined;
}

export interface CacheVerdict {
  /** Files whose digest holds. */
  readonly objects: number;
  /** ImageBuilders whose signature, list and digest hold. */
  readonly imagebuilders: number;
  /** Files of packages whose digest holds. */
  readonly packages: number;
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
  const objects = await verifyObjects(ports, cache.store);
  if (options.fix) for (const { path } of objects.damages) await ports.files.remove(path);
  const records = await verifyRecords(ports, cache, options.keysOf ?? pinnedKeys);
  if (options.fix) for (const { path } of records.damages) await ports.files.remove(path);
  const packages = await verifyPackages(ports, cacheDir);
  if (options.fix) for (const { path } of packages.damages) await ports.files.remove(path);
  const damages = [...objects.damages, ...records.damages, ...packages.damages];
  if (damages.length > 0 && !options.fix) {
    throw new FlowError('CACHE_DAMAGED', {
      message: `wanted a cache as it was stored, found ${damages.length} damaged files`,
      hint: 'run "mape-image cache verify --fix" to remove them; they are fetched again when they are wanted',
      details: { count: damages.length, paths: damages.map(({ path }) => path) },
      findings: damages.map(toFinding),
    });
  }
  const removed = damages.map(({ path }) => path);
  return { objects: objects.count, imagebuilders: records.count, packages: packages.count, removed };
}

interface Judged {
  readonly count: number;
  readonly damages: readonly Damage[];
}

async function verifyObjects(ports: Ports, store: Store): Promise<Judged> {
  const objects = await store.list();
  const damages: Damage[] = [];
  for (const [index, { sha256, path }] of objects.entries()) {
    const count = { done: index + 1, total: objects.length };
    ports.reporter.progress('checking-cache', { name: basename(path).slice(0, 12) }, count);
    const found = await store.check(sha256);
    if (found.state === 'damaged') damages.push({ path, error: found.error });
  }
  return { count: objects.length - damages.length, damages };
}

/** What a damaged object takes with it: the record that speaks of it. */
async function verifyRecords(ports: Ports, cache: FetchCache, keysOf: KeysOf): Promise<Judged> {
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

/** Packages need no signature here: the package manager holds each against its own list. */
async function verifyPackages(ports: Ports, cacheDir: string): Promise<Judged> {
  let count = 0;
  const damages: Damage[] = [];
  for (const folder of await listBuildFolders(ports, cacheDir, 'packages')) {
    const store = openPackageStore(ports, folder);
    const objects = await verifyObjects(ports, store.objects);
    count += objects.count;
    damages.push(...objects.damages);
    for (const file of await readPackageSets(ports, store))
      if (file.set === undefined) damages.push({ path: file.path, error: file.error });
  }
  return { count, damages };
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
