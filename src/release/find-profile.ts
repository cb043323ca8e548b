import { findNearest } from '../bytes/nearest.ts';
import { resolveProfileId } from '../device/resolve-profile.ts';
import { ReleaseError } from './errors.ts';
import type { ListedProfile } from './overview.ts';
import type { ReleaseName } from './release-name.ts';
import type { TargetName } from './target.ts';

export interface FoundProfile {
  readonly id: string;
  readonly target: TargetName;
}

/**
 * Find the profile a person means among the devices of all targets, and its target. The ways to name it are those of
 * `resolveProfileId`; a board name is known here by its id alone.
 *
 * @param target where the person named one as well
 * @throws DeviceError PROFILE_UNKNOWN, PROFILE_AMBIGUOUS; ReleaseError TARGET_AMBIGUOUS, TARGET_WITHOUT_PROFILE
 */
export function findProfile(
  text: string,
  profiles: readonly ListedProfile[],
  target?: TargetName,
): FoundProfile {
  const names = new Map<string, { id: string; title: string; supportedDevices: readonly string[] }>();
  for (const { id, titles } of profiles) {
    for (const title of titles.length === 0 ? [id] : titles)
      names.set(`${id}\n${title}`, { id, title, supportedDevices: [] });
  }
  const id = resolveProfileId(text, [...names.values()]);
  const targets = [...new Set(profiles.filter((profile) => profile.id === id).map((found) => found.target))];
  const [only] = targets;
  if (target !== undefined) {
    if (targets.includes(target)) return { id, target };
    throw new ReleaseError('TARGET_WITHOUT_PROFILE', {
      message: `wanted ${id} in the target ${target}, found it in ${targets.join(', ')}`,
      hint: `leave --target out, or write --target ${only ?? ''}`,
      details: { profile: id, target, targets },
    });
  }
  if (only !== undefined && targets.length === 1) return { id, target: only };
  throw ambiguousTarget(id, targets);
}

/** Several targets have a profile of that id. */
export function ambiguousTarget(profile: string, targets: readonly TargetName[]): ReleaseError {
  return new ReleaseError('TARGET_AMBIGUOUS', {
    message: `wanted one target with the profile ${profile}, found ${targets.length}: ${targets.join(', ')}`,
    hint: `add --target ${targets[0] ?? 'ath79/generic'}`,
    details: { profile, targets },
  });
}

/**
 * @throws ReleaseError TARGET_UNKNOWN with the nearest ones
 */
export function verifyTarget(
  target: TargetName,
  targets: readonly TargetName[],
  release: ReleaseName,
): TargetName {
  if (targets.includes(target)) return target;
  const near = findNearest(target, targets);
  throw new ReleaseError('TARGET_UNKNOWN', {
    message: `wanted one of the ${targets.length} targets of OpenWrt ${release}, found ${target}`,
    hint:
      near.length === 0
        ? 'give --profile in its place: its target is found'
        : `did you mean ${near.join(' or ')}?`,
    details: { target, release, near, count: targets.length },
  });
}
