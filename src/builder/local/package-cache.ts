import { dirname, join } from 'node:path';
import { canonicalJson } from '../../bytes/canonical-json.ts';
import { computeSha256, parseSha256, type Sha256 } from '../../bytes/sha256.ts';
import { MapeImageError } from '../../errors.ts';
import { withFileLock } from '../../io/lock.ts';
import type { Ports } from '../../io/ports.ts';
import type { BuilderInfo } from '../types.ts';
import {
  MAX_SET_FILES,
  openPackageStore,
  type PackageSet,
  type PackageStore,
  readPackageSet,
  writePackageSet,
} from './package-set.ts';
import { listDir } from './tree-files.ts';

/** Larger files are no packages. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export interface CachedTree {
  /** Of the tree. */
  readonly dir: string;
  readonly info: BuilderInfo;
  readonly repositories: readonly string[];
  /** Where files of all trees are kept, absolute. */
  readonly storeDir: string;
}

/**
 * Run a build with what earlier builds with the same feeds fetched, and keep what this one fetches: packages, and the lists
 * that name them, without which nothing can be built where there is no network.
 *
 * A file is kept under its digest and hashed before it is given out. It proves nothing by that: the package manager goes on
 * to hold each package against its signed list, as if it had fetched it itself. What a build that failed for its packages was
 * given is taken away again, so that it is fetched anew.
 *
 * @see OpenWrt target/imagebuilder/files/Makefile (opkg --cache and --lists-dir, apk --cache-dir: all `dl`)
 */
export async function withPackageCache<T>(
  ports: Ports,
  tree: CachedTree,
  build: () => Promise<T>,
): Promise<T> {
  // Folders of the tree itself need no cache.
  if (!tree.repositories.some((address) => /^https?:/.test(address))) return build();
  const store = openPackageStore(ports, tree.storeDir);
  const setPath = setPathOf(store, tree);
  const given = await locked(ports, store, () => giveOut(ports, store, setPath, join(tree.dir, 'dl')));
  try {
    const built = await build();
    await locked(ports, store, () => collect(ports, store, setPath, tree));
    return built;
  } catch (error) {
    if (error instanceof MapeImageError && PACKAGE_FAILURES.has(error.code)) {
      for (const name of [...given.map((file) => join(tree.dir, 'dl', file)), setPath])
        await ports.files.remove(name);
    }
    throw error;
  }
}

/**
 * Sizes in bytes of what is kept for the feeds of a tree, by their names in `dl`.
 *
 * @throws IoError FILE_UNREADABLE
 */
export async function readCachedSizes(ports: Ports, tree: CachedTree): Promise<ReadonlyMap<string, number>> {
  const store = openPackageStore(ports, tree.storeDir);
  const sizes = new Map((await store.objects.list()).map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  const files = await readSetFiles(ports, setPathOf(store, tree));
  return new Map(
    files.flatMap(({ name, sha256 }) => {
      const sizeBytes = sizes.get(sha256);
      return sizeBytes === undefined ? [] : [[name, sizeBytes] as const];
    }),
  );
}

/** Failures that a file of an earlier day can be the cause of. */
const PACKAGE_FAILURES: ReadonlySet<string> = new Set([
  'DEPENDENCY_UNSATISFIED',
  'PACKAGE_CORRUPT',
  'PACKAGE_INSTALL_FAILED',
]);

/** Snapshots have the same feeds each day, with other packages in them. */
function setPathOf({ setsDir }: PackageStore, { info, repositories }: CachedTree): string {
  const key = computeSha256(canonicalJson({ revision: info.revision, version: info.version, repositories }));
  return join(setsDir, `${key}.json`);
}

/** Nobody prunes what is just given out, or was just found to be there already. */
async function locked<T>(ports: Ports, { lockPath }: PackageStore, use: () => Promise<T>): Promise<T> {
  await ports.files.makeDir(dirname(lockPath));
  await ports.files.writeFile(lockPath, '');
  return withFileLock(ports, lockPath, use);
}

async function giveOut(
  ports: Ports,
  { objects }: PackageStore,
  setPath: string,
  dl: string,
): Promise<readonly string[]> {
  const given: string[] = [];
  const there = new Set(await listDir(ports, dl));
  for (const { name, sha256 } of await readSetFiles(ports, setPath)) {
    if (there.has(name)) continue;
    const { state } = await objects.check(sha256);
    if (state === 'damaged') await objects.remove(sha256);
    if (state !== 'sound') continue;
    await ports.files.makeDir(dl);
    await ports.files.copyFile(objects.pathOf(sha256), join(dl, name));
    given.push(name);
  }
  if (given.length > 0) ports.reporter.step('reused-packages', { files: given.length });
  return given;
}

async function collect(
  ports: Ports,
  { objects }: PackageStore,
  setPath: string,
  { dir, info }: CachedTree,
): Promise<void> {
  const dl = join(dir, 'dl');
  const files: { readonly name: string; readonly sha256: Sha256 }[] = [];
  for (const name of (await listDir(ports, dl)).slice(0, MAX_SET_FILES)) {
    const path = join(dl, name);
    if (name.startsWith('.') || (await ports.files.kind(path)) !== 'file') continue;
    if ((await ports.files.sizeBytes(path)) > MAX_FILE_BYTES) continue;
    const sha256 = parseSha256(await ports.files.sha256(path));
    if ((await ports.files.kind(objects.pathOf(sha256))) === 'missing')
      files.push({ name, sha256: await objects.put(await ports.files.readFile(path)) });
    else files.push({ name, sha256 });
  }
  if (files.length === 0) return;
  await writePackageSet(setPath, { version: info.version, target: info.target, files });
}

/** Nothing where there is none, or one that cannot be read: what it speaks of can be fetched. */
async function readSetFiles(ports: Ports, path: string): Promise<PackageSet['files']> {
  if ((await ports.files.kind(path)) !== 'file') return [];
  return (await readPackageSet(ports, path)).set?.files ?? [];
}
