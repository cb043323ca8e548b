import type { Ports } from '../io/ports.ts';
import { findProfile } from '../release/find-profile.ts';
import { type ListedProfile, parseTargetProfiles } from '../release/overview.ts';
import type { ImageBuilderRecord } from '../release/record.ts';
import { targetFileUrl } from '../release/urls.ts';
import { type CachedImageBuilder, type FetchCache, type KeysOf, writeRecord } from './fetch-cached.ts';
import { fetchListed, fetchSums, type SignedSums, type SumsFiles, verifySums } from './fetch-sums.ts';
import { fetchTarball } from './fetch-tarball.ts';
import { ifThere, type Place, type Server } from './resolve-release.ts';

const MAX_PROFILES_BYTES = 32 * 1024 * 1024;
const MAX_BUILDINFO_BYTES = 1024;

/**
 * Bring the ImageBuilder of a release and target into the cache: everything from the signature on.
 *
 * @throws ReleaseError SIGNATURE_*, SHA256SUMS_INVALID, IMAGEBUILDER_*; DeviceError PROFILE_*; IoError
 */
export async function fetchPlace(
  ports: Ports,
  server: Server,
  cache: FetchCache,
  place: Place,
  keysOf: KeysOf,
): Promise<CachedImageBuilder & { readonly cached: boolean }> {
  const { release, target } = place;
  const files = await fetchSums(server, release, target);
  const signed = verifySums(files, keysOf(release), release, target);
  ports.reporter.step('verified-sums', { keyId: signed.keyId, files: signed.sums.size });
  const profiles = place.profiles ?? (await fetchProfiles(server, place, signed));
  const profile = place.profile === undefined ? undefined : findProfile(place.profile, profiles, target).id;
  const revision = await fetchRevision(server, place, signed);
  const { imagebuilder } = signed;
  const url = targetFileUrl(server.mirror, release, target, imagebuilder.name);
  const { cached } = await fetchTarball(ports, server, cache, imagebuilder, url);
  const record = {
    schema: 'mape-image/imagebuilder@1',
    release,
    target,
    revision: revision ?? null,
    ...imagebuilder,
    sizeBytes: await ports.files.sizeBytes(cache.store.pathOf(imagebuilder.sha256)),
    ...(await storeFiles(cache, files)),
    keyId: signed.keyId,
    url,
    profiles: listDevices(place, profiles),
  } as const;
  await writeRecord(cache, record);
  return { record, signed, profile, cached };
}

async function storeFiles({ store }: FetchCache, { sums, signature }: SumsFiles) {
  return { sums: await store.put(sums), signature: await store.put(signature) };
}

/** The devices of the target, each with where else its id stands. */
function listDevices({ target }: Place, all: readonly ListedProfile[]): ImageBuilderRecord['profiles'] {
  const targetsOf = new Map<string, Set<ListedProfile['target']>>();
  for (const { id, target: of } of all) targetsOf.set(id, (targetsOf.get(id) ?? new Set()).add(of));
  return all
    .filter((listed) => listed.target === target)
    .map(({ id, titles }) => ({
      id,
      titles: [...titles],
      alsoIn: [...(targetsOf.get(id) ?? [])].filter((of) => of !== target),
    }));
}

/** For servers without a list of all devices. */
async function fetchProfiles(
  server: Server,
  { release, target }: Place,
  { sums }: SignedSums,
): Promise<readonly ListedProfile[]> {
  const file = { name: 'profiles.json', limitBytes: MAX_PROFILES_BYTES };
  const bytes = await fetchListed(server, release, target, sums, file);
  return bytes === undefined ? [] : parseTargetProfiles(Buffer.from(bytes).toString('utf8'));
}

/** @see OpenWrt Makefile (buildversion): the revision and a line end */
async function fetchRevision(
  server: Server,
  { release, target }: Place,
  { sums }: SignedSums,
): Promise<string | undefined> {
  const file = { name: 'version.buildinfo', limitBytes: MAX_BUILDINFO_BYTES };
  const bytes = await ifThere(fetchListed(server, release, target, sums, file));
  const text = bytes === undefined ? '' : Buffer.from(bytes).toString('latin1').trim();
  return /^[A-Za-z0-9.+~_-]{1,64}$/.test(text) ? text : undefined;
}
