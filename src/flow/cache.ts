import { basename, join } from 'node:path';
import type { Sha256 } from '../bytes/sha256.ts';
import type { Ports } from '../io/ports.ts';
import { isLocked } from '../io/store-lock.ts';
import { measureUsage } from '../io/store-usage.ts';
import { listBuildFolders } from './cache-folders.ts';
import { listPackages } from './cache-packages.ts';
import { type FetchCache, openFetchCache, readRecords } from './fetch-cached.ts';
import { downloadPaths } from './fetch-tarball.ts';

/** Where things are kept, absolute. */
export interface CachePlaces {
  readonly cacheDir: string;
  readonly logDir: string;
}

/**
 * - `imagebuilder`: an archive that was fetched, with its record and its signed list
 * - `tree`: an unpacked ImageBuilder
 * - `packages`: what builds with one ImageBuilder fetched from its feeds
 * - `log`: the output of a build
 * - `download`: the beginning of a file
 * - `object`: a file that no record speaks of, such as the archive or a package of yesterday's snapshot
 * - `record`: a record that cannot be read
 */
export type CacheItemKind = 'imagebuilder' | 'tree' | 'packages' | 'log' | 'download' | 'object' | 'record';

export interface CacheItem {
  readonly kind: CacheItemKind;
  /** `24.10.8 ath79/generic`, or the name of the file. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly usedAtMs: number;
  /** A program is at work with it. */
  readonly inUse: boolean;
  /** What goes with it, and all it consists of. */
  readonly files: readonly string[];
  /** The file whose lock says that it is in use. */
  readonly lockPath?: string;
  readonly sha256?: Sha256;
  /** Of `packages`: how many files. */
  readonly packages?: number;
}

/**
 * All that is kept: ImageBuilders, trees, packages, logs and leftovers, the last used first within each kind.
 *
 * @throws IoError FILE_UNREADABLE, TOOL_MISSING (flock)
 */
export async function listCache(ports: Ports, places: CachePlaces): Promise<readonly CacheItem[]> {
  const cache = openFetchCache(ports, places.cacheDir);
  const items = [
    ...(await listObjects(ports, cache)),
    ...(await listTrees(ports, places.cacheDir)),
    ...(await listPackages(ports, places.cacheDir)),
    ...(await listLogs(ports, places.logDir)),
    ...(await listDownloads(ports, cache)),
  ];
  return items.sort(
    (a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind) || b.usedAtMs - a.usedAtMs,
  );
}

const KIND_ORDER: readonly CacheItemKind[] = [
  'imagebuilder',
  'tree',
  'packages',
  'log',
  'download',
  'object',
  'record',
];

async function listObjects(ports: Ports, cache: FetchCache): Promise<readonly CacheItem[]> {
  const objects = new Map((await cache.store.list()).map((object) => [object.sha256, object]));
  const items: CacheItem[] = [];
  const spokenOf = new Set<Sha256>();
  for (const { path, record } of await readRecords(ports, cache)) {
    const { sizeBytes: recordBytes, changedAtMs } = await measureUsage(ports, path);
    if (record === undefined) {
      const name = basename(path);
      items.push(plain({ kind: 'record', name, path, sizeBytes: recordBytes, usedAtMs: changedAtMs }));
      continue;
    }
    const parts = [record.sha256, record.sums, record.signature];
    for (const sha256 of parts) spokenOf.add(sha256);
    const found = parts.flatMap((sha256) => objects.get(sha256) ?? []);
    items.push({
      kind: 'imagebuilder',
      name: `${record.release} ${record.target}`,
      path: cache.store.pathOf(record.sha256),
      sizeBytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, recordBytes),
      usedAtMs: Math.max(changedAtMs, ...found.map(({ usedAtMs }) => usedAtMs)),
      inUse: false,
      // The record goes first: what it speaks of is never missing under it.
      files: [path, ...parts.map((sha256) => cache.store.pathOf(sha256))],
      sha256: record.sha256,
    });
  }
  for (const { sha256, path, sizeBytes, usedAtMs } of objects.values()) {
    if (spokenOf.has(sha256)) continue;
    items.push({
      ...plain({ kind: 'object', name: sha256.slice(0, 12), path, sizeBytes, usedAtMs }),
      sha256,
    });
  }
  return items;
}

async function listTrees(ports: Ports, cacheDir: string): Promise<readonly CacheItem[]> {
  const items: CacheItem[] = [];
  for (const trees of await listBuildFolders(ports, cacheDir, 'trees')) {
    for (const sha256 of await ports.files.list(trees)) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
      const path = join(trees, sha256);
      if ((await ports.files.kind(path)) !== 'directory') continue;
      const [top = ''] = await ports.files.list(path);
      const makefile = join(path, top, 'Makefile');
      const lockPath = (await ports.files.kind(makefile)) === 'file' ? makefile : undefined;
      const { sizeBytes, changedAtMs: usedAtMs } = await measureUsage(ports, path);
      items.push({
        ...plain({ kind: 'tree', name: top === '' ? sha256 : top, path, sizeBytes, usedAtMs }),
        ...(lockPath === undefined ? {} : { lockPath, inUse: await isLocked(ports, lockPath) }),
      });
    }
  }
  return items;
}

async function listLogs(ports: Ports, logDir: string): Promise<readonly CacheItem[]> {
  if ((await ports.files.kind(logDir)) !== 'directory') return [];
  const items: CacheItem[] = [];
  for (const name of await ports.files.list(logDir)) {
    if (!name.endsWith('.log')) continue;
    const path = join(logDir, name);
    const { sizeBytes, changedAtMs: usedAtMs } = await measureUsage(ports, path);
    items.push(plain({ kind: 'log', name, path, sizeBytes, usedAtMs }));
  }
  return items;
}

async function listDownloads(ports: Ports, { downloadsDir }: FetchCache): Promise<readonly CacheItem[]> {
  if ((await ports.files.kind(downloadsDir)) !== 'directory') return [];
  const items: CacheItem[] = [];
  const names = await ports.files.list(downloadsDir);
  for (const sha256 of new Set(names.flatMap((name) => /^[0-9a-f]{64}(?=\.)/.exec(name) ?? []))) {
    const { part, note, lock } = downloadPaths(downloadsDir, sha256);
    const usages = [await measureUsage(ports, part), await measureUsage(ports, lock)];
    const usedAtMs = Math.max(...usages.map(({ changedAtMs }) => changedAtMs));
    const sizeBytes = usages.reduce((sum, usage) => sum + usage.sizeBytes, 0);
    const hasLock = (await ports.files.kind(lock)) === 'file';
    items.push({
      ...plain({ kind: 'download', name: sha256.slice(0, 12), path: part, sizeBytes, usedAtMs }),
      files: [part, note, lock],
      ...(hasLock ? { lockPath: lock, inUse: await isLocked(ports, lock) } : {}),
    });
  }
  return items;
}

function plain(item: Pick<CacheItem, 'kind' | 'name' | 'path' | 'sizeBytes' | 'usedAtMs'>): CacheItem {
  return { ...item, files: [item.path], inUse: false };
}
