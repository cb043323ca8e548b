import { join } from 'node:path';
import { z } from 'zod';
import { parseSha256, type Sha256 } from '../../bytes/sha256.ts';
import type { Ports } from '../../io/ports.ts';
import { createStore, type Store } from '../../io/store.ts';
import { writeFileAtomic } from '../../io/store-write.ts';
import { ReleaseError } from '../../release/errors.ts';
import { listDir } from './tree-files.ts';

export const MAX_SET_FILES = 5000;

const schema = z.strictObject({
  schema: z.literal('mape-image/packages@1'),
  version: z.string().min(1).max(100),
  target: z.string().min(1).max(100),
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
    .max(MAX_SET_FILES),
});

/** What a package manager fetched for one set of feeds. */
export interface PackageSet {
  /** `24.10.4` */
  readonly version: string;
  /** `ath79/generic` */
  readonly target: string;
  /** Names in `dl`, and digests. */
  readonly files: readonly { readonly name: string; readonly sha256: Sha256 }[];
}

/** Files of packages by digest, and sets that say which of them belong together. */
export interface PackageStore {
  readonly objects: Store;
  readonly setsDir: string;
  /** Held while files are given out or taken in, which takes a moment. */
  readonly lockPath: string;
}

/** A file with a set, or with what is wrong with it. */
export type PackageSetFile =
  | { readonly path: string; readonly set: PackageSet }
  | { readonly path: string; readonly set: undefined; readonly error: ReleaseError };

/**
 * @param dir absolute; made when something is put there
 */
export function openPackageStore(ports: Ports, dir: string): PackageStore {
  return { objects: createStore(ports, dir), setsDir: join(dir, 'sets'), lockPath: join(dir, 'lock') };
}

/** All sets, by name. */
export async function readPackageSets(
  ports: Ports,
  { setsDir }: PackageStore,
): Promise<readonly PackageSetFile[]> {
  const found: PackageSetFile[] = [];
  for (const name of await listDir(ports, setsDir))
    if (name.endsWith('.json')) found.push(await readPackageSet(ports, join(setsDir, name)));
  return found;
}

/**
 * @throws IoError FILE_MISSING, FILE_UNREADABLE
 */
export async function readPackageSet(ports: Ports, path: string): Promise<PackageSetFile> {
  const text = await ports.files.readText(path);
  try {
    return { path, set: parsePackageSet(text) };
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return { path, set: undefined, error };
  }
}

/** Write a set in place of the one before. */
export async function writePackageSet(path: string, set: PackageSet): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify({ schema: 'mape-image/packages@1', ...set })}\n`);
}

/**
 * @throws ReleaseError CACHE_RECORD_INVALID
 */
export function parsePackageSet(content: string): PackageSet {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw invalidSet('no-json', 'text that is no JSON', cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw invalidSet('other-form', 'another form', result.error);
  const { version, target, files } = result.data;
  return { version, target, files };
}

function invalidSet(reason: string, found: string, cause: unknown): ReleaseError {
  return new ReleaseError('CACHE_RECORD_INVALID', {
    message: `wanted a list of packages that were fetched, found ${found}`,
    hint: 'run "mape-image cache verify --fix"; the packages are fetched again when they are wanted',
    details: { reason },
    cause,
  });
}
