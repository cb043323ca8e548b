import { join } from 'node:path';
import { DeviceError } from '../device/errors.ts';
import { MapeImageError } from '../errors.ts';
import type { Ports } from '../io/ports.ts';
import { createStore, type Store } from '../io/store.ts';
import { writeFileAtomic } from '../io/store-write.ts';
import { chooseRelease } from '../release/choose-release.ts';
import { ReleaseError } from '../release/errors.ts';
import { ambiguousTarget, findProfile } from '../release/find-profile.ts';
import { type ImageBuilderRecord, parseImageBuilderRecord } from '../release/record.ts';
import type { ReleaseName } from '../release/release-name.ts';
import { targetInFileName } from '../release/target.ts';
import type { UsignPublicKey } from '../release/usign.ts';
import { FlowError } from './errors.ts';
import { type SignedSums, verifySums } from './fetch-sums.ts';
import type { FetchWish } from './resolve-release.ts';

/** What was fetched: files by digest, and a record by release and target that says which of them belong together. */
export interface FetchCache {
  readonly store: Store;
  readonly recordsDir: string;
  readonly downloadsDir: string;
}

/** The keys a release may be signed with. */
export type KeysOf = (release: ReleaseName) => readonly UsignPublicKey[];

export function openFetchCache(ports: Ports, cacheDir: string): FetchCache {
  return {
    store: createStore(ports, join(cacheDir, 'sha256')),
    recordsDir: join(cacheDir, 'imagebuilders'),
    downloadsDir: join(cacheDir, 'downloads'),
  };
}

/** A file with a record, or with what is wrong with it. */
export type RecordFile =
  | { readonly path: string; readonly record: ImageBuilderRecord }
  | { readonly path: string; readonly record: undefined; readonly error: ReleaseError };

/** All records, by name. */
export async function readRecords(ports: Ports, { recordsDir }: FetchCache): Promise<readonly RecordFile[]> {
  if ((await ports.files.kind(recordsDir)) !== 'directory') return [];
  const found: RecordFile[] = [];
  for (const name of await ports.files.list(recordsDir)) {
    if (!name.endsWith('.json')) continue;
    const path = join(recordsDir, name);
    const text = await ports.files.readText(path);
    try {
      found.push({ path, record: parseImageBuilderRecord(text) });
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      found.push({ path, record: undefined, error });
    }
  }
  return found;
}

/** Write the record of a release and target, in place of the one before. */
export async function writeRecord({ recordsDir }: FetchCache, record: ImageBuilderRecord): Promise<void> {
  const name = `${record.release}-${targetInFileName(record.target)}.json`;
  await writeFileAtomic(join(recordsDir, name), `${JSON.stringify(record, null, 1)}\n`);
}

export interface CachedImageBuilder {
  readonly record: ImageBuilderRecord;
  readonly signed: SignedSums;
  readonly profile: string | undefined;
}

/**
 * Find an ImageBuilder that was fetched before and prove it again: signature, list, and the digest of the file.
 *
 * @throws FlowError FETCH_NOT_CACHED; ReleaseError TARGET_AMBIGUOUS, SIGNATURE_*; IoError STORE_DAMAGED, FILE_MISSING
 */
export async function findCached(
  ports: Ports,
  cache: FetchCache,
  wish: FetchWish,
  keysOf: KeysOf,
): Promise<CachedImageBuilder> {
  const records = (await readRecords(ports, cache)).flatMap(({ record }) =>
    record === undefined ? [] : [record],
  );
  const { record, profile } = chooseRecord(records, wish);
  return { record, profile, signed: await verifyRecord(cache.store, record, keysOf) };
}

/**
 * Prove what a record speaks of.
 *
 * @throws ReleaseError SIGNATURE_*, SHA256SUMS_INVALID, IMAGEBUILDER_*; IoError STORE_DAMAGED, FILE_MISSING; FlowError
 *   FETCH_NOT_CACHED where the file itself is not there
 */
export async function verifyRecord(
  store: Store,
  record: ImageBuilderRecord,
  keysOf: KeysOf,
): Promise<SignedSums> {
  const files = { sums: await store.read(record.sums), signature: await store.read(record.signature) };
  const signed = verifySums(files, keysOf(record.release), record.release, record.target);
  const found = await store.check(signed.imagebuilder.sha256);
  if (found.state === 'damaged') throw found.error;
  if (found.state === 'missing') throw notCached(`${record.release} ${record.target}`, []);
  return signed;
}

function chooseRecord(
  records: readonly ImageBuilderRecord[],
  wish: FetchWish,
): { readonly record: ImageBuilderRecord; readonly profile: string | undefined } {
  const matching = records
    .filter(({ target }) => wish.target === undefined || target === wish.target)
    .flatMap((record) => {
      const profile = findInRecord(record, wish);
      return wish.profile !== undefined && profile === undefined ? [] : [{ record, profile }];
    });
  const release = chooseCachedRelease(
    matching.map(({ record }) => record.release),
    wish,
  );
  const chosen = matching.filter(({ record }) => record.release === release);
  const [only] = chosen;
  if (only === undefined) {
    const wanted = [describeRelease(wish), wish.profile ?? wish.target ?? ''].join(' ').trim();
    throw notCached(
      wanted,
      records.map(({ release: of, target }) => `${of} ${target}`),
    );
  }
  if (chosen.length > 1)
    throw ambiguousTarget(
      only.profile ?? '',
      chosen.map(({ record }) => record.target),
    );
  return only;
}

function findInRecord({ profiles, target }: ImageBuilderRecord, wish: FetchWish): string | undefined {
  if (wish.profile === undefined) return undefined;
  try {
    return findProfile(
      wish.profile,
      profiles.flatMap(({ id, titles, alsoIn }) =>
        [target, ...alsoIn].map((of) => ({ id, titles, target: of })),
      ),
      wish.target,
    ).id;
  } catch (error) {
    if (error instanceof DeviceError && error.code === 'PROFILE_UNKNOWN') return undefined;
    throw error;
  }
}

function chooseCachedRelease(
  available: readonly ReleaseName[],
  { release, recommended }: FetchWish,
): ReleaseName | undefined {
  try {
    return chooseRelease(release, available, recommended);
  } catch (error) {
    if (error instanceof MapeImageError && error.code === 'RELEASE_UNKNOWN') return undefined;
    throw error;
  }
}

function describeRelease({ release, recommended }: FetchWish): string {
  if (release === undefined) return recommended ?? '';
  return release.type === 'exact' ? release.name : release.series;
}

function notCached(wanted: string, cached: readonly string[]): FlowError {
  return new FlowError('FETCH_NOT_CACHED', {
    message: `wanted the ImageBuilder for ${wanted} without a network, found it was not fetched before`,
    hint:
      cached.length === 0
        ? 'leave --offline out once, while there is a network'
        : `leave --offline out once, while there is a network; there is ${cached.join(', ')}`,
    details: { wanted, cached },
  });
}
