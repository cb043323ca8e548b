import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../bytes/canonical-json.ts';
import { computeSha256, parseSha256, type Sha256 } from '../../bytes/sha256.ts';
import { MapeImageError } from '../../errors.ts';
import type { Ports } from '../../io/ports.ts';
import { createStore, type Store } from '../../io/store.ts';
import { writeFileAtomic } from '../../io/store-write.ts';
import type { BuilderInfo } from '../types.ts';
import { listDir } from './tree-files.ts';

/** Larger files are no packages. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 5000;

/** What a package manager fetched for one set of feeds: names in `dl` and digests. */
const schema = z.strictObject({
  schema: z.literal('mape-image/packages@1'),
  files: z
    .array(
      z.strictObject({
        // A plain name: it is joined to a folder.
        name: z.string().regex(/^[^./\0][^/\0]{0,300}$/),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .transform(parseSha256),
      }),
    )
    .max(MAX_FILES),
});

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
  const store = createStore(ports, tree.storeDir);
  const dl = join(tree.dir, 'dl');
  const setPath = join(tree.storeDir, 'sets', `${computeSetKey(tree)}.json`);
  const given = await giveOut(ports, store, setPath, dl);
  try {
    const built = await build();
    await collect(ports, store, setPath, dl);
    return built;
  } catch (error) {
    if (error instanceof MapeImageError && PACKAGE_FAILURES.has(error.code)) {
      for (const name of [...given.map((file) => join(dl, file)), setPath]) await ports.files.remove(name);
    }
    throw error;
  }
}

/** Failures that a file of an earlier day can be the cause of. */
const PACKAGE_FAILURES: ReadonlySet<string> = new Set([
  'DEPENDENCY_UNSATISFIED',
  'PACKAGE_CORRUPT',
  'PACKAGE_INSTALL_FAILED',
]);

/** Snapshots have the same feeds each day, with other packages in them. */
function computeSetKey({ info, repositories }: CachedTree): Sha256 {
  return computeSha256(canonicalJson({ revision: info.revision, version: info.version, repositories }));
}

async function giveOut(ports: Ports, store: Store, setPath: string, dl: string): Promise<readonly string[]> {
  const given: string[] = [];
  const there = new Set(await listDir(ports, dl));
  for (const { name, sha256 } of await readSet(ports, setPath)) {
    if (there.has(name)) continue;
    const { state } = await store.check(sha256);
    if (state === 'damaged') await store.remove(sha256);
    if (state !== 'sound') continue;
    await ports.files.makeDir(dl);
    await ports.files.copyFile(store.pathOf(sha256), join(dl, name));
    given.push(name);
  }
  if (given.length > 0) ports.reporter.step('reused-packages', { files: given.length });
  return given;
}

async function collect(ports: Ports, store: Store, setPath: string, dl: string): Promise<void> {
  const files: { readonly name: string; readonly sha256: Sha256 }[] = [];
  for (const name of (await listDir(ports, dl)).slice(0, MAX_FILES)) {
    const path = join(dl, name);
    if (name.startsWith('.') || (await ports.files.kind(path)) !== 'file') continue;
    if ((await ports.files.sizeBytes(path)) > MAX_FILE_BYTES) continue;
    const sha256 = parseSha256(await ports.files.sha256(path));
    if ((await ports.files.kind(store.pathOf(sha256))) === 'missing')
      files.push({ name, sha256: await store.put(await ports.files.readFile(path)) });
    else files.push({ name, sha256 });
  }
  if (files.length === 0) return;
  await writeFileAtomic(setPath, `${JSON.stringify({ schema: 'mape-image/packages@1', files })}\n`);
}

/** Nothing where there is none, or one that cannot be read: what it speaks of can be fetched. */
async function readSet(ports: Ports, path: string): Promise<z.infer<typeof schema>['files']> {
  if ((await ports.files.kind(path)) !== 'file') return [];
  try {
    return schema.parse(JSON.parse(await ports.files.readText(path))).files;
  } catch (error) {
    if (error instanceof MapeImageError) throw error;
    return [];
  }
}
