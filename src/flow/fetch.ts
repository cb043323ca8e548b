import type { Sha256 } from '../bytes/sha256.ts';
import { MapeImageError } from '../errors.ts';
import { offlineHttp } from '../io/http.ts';
import type { HttpRetry, Ports } from '../io/ports.ts';
import { isMoving, parseReleaseWish, type ReleaseName } from '../release/release-name.ts';
import { isTargetName, parseTargetName, type TargetName } from '../release/target.ts';
import { DEFAULT_MIRROR, parseMirrorUrl } from '../release/urls.ts';
import { pinnedKeys } from '../release/usign-keys.ts';
import { findDevice, recommendSeries } from './devices.ts';
import { FlowError } from './errors.ts';
import {
  type CachedImageBuilder,
  type FetchCache,
  findCached,
  type KeysOf,
  openFetchCache,
} from './fetch-cached.ts';
import { fetchPlace } from './fetch-online.ts';
import { type FetchWish, resolvePlace } from './resolve-release.ts';

export interface FetchOptions {
  /** Id, board name or title of a device; its target is found. */
  readonly profile?: string | undefined;
  readonly target?: string | undefined;
  /** `24.10`, `24.10.8`, `SNAPSHOT`; absent: the newest of the series the device asks for, or of all. */
  readonly release?: string | undefined;
  readonly mirror?: string | undefined;
  readonly offline?: boolean | undefined;
  /** Absolute. */
  readonly cacheDir: string;
  /** Keys that are trusted; absent: those of OpenWrt. */
  readonly keysOf?: KeysOf | undefined;
}

/** An ImageBuilder's archive on disk, proved to be OpenWrt's. */
export interface FetchedImageBuilder {
  readonly path: string;
  readonly version: ReleaseName;
  readonly target: TargetName;
  /** Id of the profile wanted. */
  readonly profile: string | undefined;
  /** `r28959-29397011cc` */
  readonly revision: string | undefined;
  readonly name: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Of the key that signed the list it stands in. */
  readonly keyId: string;
  readonly url: string;
  /** Whether it was there before. */
  readonly cached: boolean;
}

/**
 * Fetch the ImageBuilder for a device: decide release and target, prove the list of the target's files by its signature,
 * download the one it names, prove that by its digest.
 *
 * A finished release never changes: one that is named whole and was fetched before needs no network. A snapshot is looked at
 * anew each time.
 *
 * @throws FlowError FETCH_NO_DEVICE, FETCH_NOT_CACHED; ReleaseError; DeviceError PROFILE_*; IoError
 */
export async function fetchImageBuilder(all: Ports, options: FetchOptions): Promise<FetchedImageBuilder> {
  const ports = options.offline === true ? { ...all, http: offlineHttp } : all;
  const wish = readWish(options);
  const keysOf = options.keysOf ?? pinnedKeys;
  const cache = openFetchCache(ports, options.cacheDir);
  const mirror = parseMirrorUrl(options.mirror ?? DEFAULT_MIRROR);
  if (options.offline === true) return useCached(ports, cache, wish, keysOf);
  const named = wish.release?.type === 'exact' ? wish.release.name : undefined;
  if (named !== undefined && !isMoving(named)) {
    const found = await useCached(ports, cache, wish, keysOf).catch(passOver);
    if (found !== undefined) return found;
  }
  const server = { http: ports.http, mirror, onRetry: (retry: HttpRetry) => reportRetry(ports, retry) };
  const place = await resolvePlace(server, wish, findKnownTarget);
  ports.reporter.step('chose-release', { version: place.release, target: place.target });
  const fetch = () => fetchPlace(ports, server, cache, place, keysOf);
  const found = await fetch().catch((error: unknown) => {
    // The files of a snapshot change one after the other, at any time.
    if (isMoving(place.release) && isOutOfStep(error)) return fetch();
    throw error;
  });
  return finish(ports, cache, found, found.cached);
}

function readWish(options: FetchOptions): FetchWish {
  const { profile, target, release } = options;
  if (profile === undefined && target === undefined) {
    throw new FlowError('FETCH_NO_DEVICE', {
      message: 'neither a profile nor a target is given',
      hint: 'add --profile tplink_archer-c6-v2, or --target ath79/generic',
    });
  }
  return {
    profile,
    target: target === undefined ? undefined : parseTargetName(target),
    release: release === undefined ? undefined : parseReleaseWish(release),
    recommended: profile === undefined ? undefined : recommendSeries(findDevice(profile)),
  };
}

async function useCached(
  ports: Ports,
  cache: FetchCache,
  wish: FetchWish,
  keysOf: KeysOf,
): Promise<FetchedImageBuilder> {
  const found = await findCached(ports, cache, wish, keysOf);
  const { record } = found;
  if (isMoving(record.release)) {
    ports.reporter.warn({
      code: 'SNAPSHOT_UNCHECKED',
      message: `this ${record.release} (${record.revision ?? record.sha256.slice(0, 12)}) may no longer be the one on the server`,
      hint: 'leave --offline out to look; packages of another day do not fit its kernel',
      details: { release: record.release, revision: record.revision ?? record.sha256.slice(0, 12) },
    });
  }
  return finish(ports, cache, found, true);
}

async function finish(
  ports: Ports,
  { store }: FetchCache,
  { record, signed, profile }: CachedImageBuilder,
  cached: boolean,
): Promise<FetchedImageBuilder> {
  const { imagebuilder, keyId } = signed;
  for (const sha256 of [imagebuilder.sha256, record.sums, record.signature]) await store.touch(sha256);
  const path = store.pathOf(imagebuilder.sha256);
  const sizeBytes = await ports.files.sizeBytes(path);
  const { release: version, target, url } = record;
  const megabytes = Math.round(sizeBytes / 1e6);
  ports.reporter.step('verified-imagebuilder', { version, target, megabytes, cached });
  const revision = record.revision ?? undefined;
  return { path, version, target, profile, revision, ...imagebuilder, sizeBytes, keyId, url, cached };
}

/** What keeps a cached ImageBuilder from being used and is mended by fetching it: anything but an interruption or a bug. */
function passOver(error: unknown): undefined {
  if (error instanceof MapeImageError && ['verification', 'unavailable', 'input'].includes(error.kind))
    return undefined;
  throw error;
}

function isOutOfStep(error: unknown): boolean {
  return (
    error instanceof MapeImageError &&
    (error.code === 'SIGNATURE_WRONG' || error.code === 'DOWNLOAD_DIGEST_MISMATCH')
  );
}

function findKnownTarget(profile: string): TargetName | undefined {
  const { target } = findDevice(profile);
  return target !== undefined && isTargetName(target) ? target : undefined;
}

function reportRetry(ports: Ports, { url, code, waitMs }: HttpRetry): void {
  ports.reporter.progress('retrying', { host: new URL(url).host, code, seconds: waitMs / 1000 });
}
