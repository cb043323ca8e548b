import { DeviceError } from '../device/errors.ts';
import { IoError } from '../io/errors.ts';
import type { HttpPort, HttpRetry } from '../io/ports.ts';
import { chooseRelease, listOtherNewest } from '../release/choose-release.ts';
import { ReleaseError } from '../release/errors.ts';
import { findProfile, verifyTarget } from '../release/find-profile.ts';
import { MAX_INDEX_CHARS } from '../release/index-json.ts';
import { type ListedProfile, parseOverviewJson } from '../release/overview.ts';
import type { ReleaseName, ReleaseWish } from '../release/release-name.ts';
import type { TargetName } from '../release/target.ts';
import { parseTargetsJson } from '../release/targets.ts';
import { type MirrorUrl, releaseUrl, versionsUrl } from '../release/urls.ts';
import type { Series } from '../release/version.ts';
import { parseVersionsJson } from '../release/versions.ts';

/** What a person wants an ImageBuilder for. */
export interface FetchWish {
  readonly release: ReleaseWish | undefined;
  readonly recommended: Series | undefined;
  readonly profile: string | undefined;
  readonly target: TargetName | undefined;
}

/** A download server. */
export interface Server {
  readonly http: HttpPort;
  readonly mirror: MirrorUrl;
  readonly onRetry: (retry: HttpRetry) => void;
}

/** What is decided before anything signed is read: a wrong answer of the server can only make the rest fail. */
export interface Place {
  readonly release: ReleaseName;
  readonly target: TargetName;
  /** Id, where a profile was wanted; as written where the server has no list to look it up in. */
  readonly profile: string | undefined;
  /** Devices of all targets; absent where the server has no list of them. */
  readonly profiles: readonly ListedProfile[] | undefined;
}

/**
 * Decide release and target from what a server lists.
 *
 * @param findKnownTarget of a device that is described in this program, for servers without a list of devices
 * @throws ReleaseError RELEASE_*, TARGET_*; DeviceError PROFILE_*; IoError HTTP_*
 */
export async function resolvePlace(
  server: Server,
  wish: FetchWish,
  findKnownTarget: (profile: string) => TargetName | undefined,
): Promise<Place> {
  const available = await readReleases(server, wish.release);
  const release = chooseRelease(wish.release, available, wish.recommended);
  const listed = await ifThere(readOverview(server, release));
  if (wish.profile === undefined) {
    const target = await resolveTarget(server, release, wish.target, listed);
    return { release, target, profile: undefined, profiles: listed };
  }
  if (listed === undefined) {
    const target = wish.target ?? findKnownTarget(wish.profile);
    if (target === undefined) throw needTarget(wish.profile, release);
    return { release, target, profile: wish.profile, profiles: undefined };
  }
  try {
    const { id, target } = findProfile(wish.profile, listed, wish.target);
    return { release, target, profile: id, profiles: listed };
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'PROFILE_UNKNOWN') throw error;
    throw (await explainElsewhere(server, wish.profile, release, available)) ?? error;
  }
}

/** A server without a list still has releases: one that is named whole needs no list. */
async function readReleases(server: Server, wish: ReleaseWish | undefined): Promise<readonly ReleaseName[]> {
  const reading = getText(server, versionsUrl(server.mirror)).then(parseVersionsJson);
  if (wish?.type !== 'exact') return reading;
  return (await ifThere(reading)) ?? [wish.name];
}

async function readOverview(server: Server, release: ReleaseName): Promise<readonly ListedProfile[]> {
  return parseOverviewJson(await getText(server, `${releaseUrl(server.mirror, release)}/.overview.json`));
}

async function resolveTarget(
  server: Server,
  release: ReleaseName,
  wanted: TargetName | undefined,
  listed: readonly ListedProfile[] | undefined,
): Promise<TargetName> {
  if (wanted === undefined) throw new TypeError('neither profile nor target');
  // A target whose devices have no image of their own stands in this list alone.
  const url = `${releaseUrl(server.mirror, release)}/.targets.json`;
  const targets = await ifThere(getText(server, url).then(parseTargetsJson));
  const known = new Set([...(targets?.keys() ?? []), ...(listed ?? []).map(({ target }) => target)]);
  return known.size === 0 ? wanted : verifyTarget(wanted, [...known], release);
}

/** A device that the newest release of another series has; others are not looked at. */
async function explainElsewhere(
  server: Server,
  profile: string,
  release: ReleaseName,
  available: readonly ReleaseName[],
): Promise<ReleaseError | undefined> {
  const releases: ReleaseName[] = [];
  for (const other of listOtherNewest(release, available)) {
    const listed = (await ifThere(readOverview(server, other))) ?? [];
    if (listed.some(({ id }) => id === profile)) releases.push(other);
  }
  if (releases.length === 0) return undefined;
  return new ReleaseError('RELEASE_WITHOUT_PROFILE', {
    message: `wanted ${profile} in OpenWrt ${release}, found it in ${releases.join(', ')} only`,
    hint: `write --release ${releases[0] ?? ''}`,
    details: { profile, release, releases },
  });
}

function needTarget(profile: string, release: ReleaseName): ReleaseError {
  return new ReleaseError('TARGET_UNKNOWN', {
    message: `wanted the target of ${profile} in OpenWrt ${release}, found no list of devices on the server`,
    hint: 'write it with --target, such as --target ath79/generic',
    details: { target: '', profile, release, near: [], count: 0 },
  });
}

async function getText({ http, onRetry }: Server, url: string): Promise<string> {
  return Buffer.from(await http.get({ url, limitBytes: MAX_INDEX_CHARS, onRetry })).toString('utf8');
}

/** Files that not every server and not every release has. */
export async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof IoError && error.code === 'HTTP_NOT_FOUND') return undefined;
    throw error;
  }
}
