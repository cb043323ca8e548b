import { basename } from 'node:path';
import { openPackageStore, readPackageSets } from '../builder/local/package-set.ts';
import type { Ports } from '../io/ports.ts';
import { isLocked } from '../io/store-lock.ts';
import { measureUsage } from '../io/store-usage.ts';
import type { CacheItem } from './cache.ts';
import { listBuildFolders } from './cache-folders.ts';

/**
 * Packages that builds fetched, an item for each ImageBuilder and its feeds. A file that several of them need belongs to the
 * one that was used last, so that it goes with no older one, and is counted once.
 *
 * @throws IoError FILE_UNREADABLE, TOOL_MISSING (flock)
 */
export async function listPackages(ports: Ports, cacheDir: string): Promise<readonly CacheItem[]> {
  const items: CacheItem[] = [];
  for (const folder of await listBuildFolders(ports, cacheDir, 'packages'))
    items.push(...(await listStore(ports, folder)));
  return items;
}

async function listStore(ports: Ports, folder: string): Promise<readonly CacheItem[]> {
  const store = openPackageStore(ports, folder);
  const { lockPath } = store;
  const hasLock = (await ports.files.kind(lockPath)) === 'file';
  const held = hasLock ? { lockPath, inUse: await isLocked(ports, lockPath) } : { inUse: false };
  const free = new Map((await store.objects.list()).map((object) => [object.sha256, object]));
  const items: CacheItem[] = [];
  const files = await readPackageSets(ports, store);
  const measured = await Promise.all(
    files.map(async (file) => ({ ...file, usage: await measureUsage(ports, file.path) })),
  );
  for (const { path, set, usage } of measured.sort((a, b) => b.usage.changedAtMs - a.usage.changedAtMs)) {
    const { sizeBytes: listBytes, changedAtMs: usedAtMs } = usage;
    if (set === undefined) {
      const name = basename(path);
      items.push({ kind: 'record', name, path, sizeBytes: listBytes, usedAtMs, files: [path], ...held });
      continue;
    }
    const own = set.files.flatMap(({ sha256 }) => {
      const object = free.get(sha256);
      free.delete(sha256);
      return object ?? [];
    });
    items.push({
      kind: 'packages',
      name: `${set.version} ${set.target}`,
      path,
      sizeBytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, listBytes),
      usedAtMs,
      packages: own.length,
      // The list goes first: what it speaks of is never missing under it.
      files: [path, ...own.map((object) => object.path)],
      ...held,
    });
  }
  for (const { sha256, path, sizeBytes, usedAtMs } of free.values()) {
    const name = sha256.slice(0, 12);
    items.push({ kind: 'object', name, path, sizeBytes, usedAtMs, sha256, files: [path], ...held });
  }
  return items;
}
