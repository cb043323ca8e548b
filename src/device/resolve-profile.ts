import { findNearest } from '../bytes/nearest.ts';
import { DeviceError } from './errors.ts';

/** What an ImageBuilder or a list of devices says of one profile. */
export interface ProfileNames {
  readonly id: string;
  readonly title: string;
  readonly supportedDevices: readonly string[];
}

/**
 * Find the id of the profile a person means: the id, the id behind `DEVICE_`, a board name (`tplink,archer-c6-v2`), or the
 * title in any case.
 *
 * @throws DeviceError PROFILE_UNKNOWN with the nearest ids, PROFILE_AMBIGUOUS where a title or a board name has several
 */
export function resolveProfileId(text: string, profiles: readonly ProfileNames[]): string {
  const wanted = text.trim();
  const id = wanted.replace(/^DEVICE_/, '');
  const exact =
    profiles.find((profile) => profile.id === wanted) ?? profiles.find((profile) => profile.id === id);
  if (exact !== undefined) return exact.id;
  const ways: readonly ((profile: ProfileNames) => boolean)[] = [
    // the first name is the device's own, the others are names of its past (openwrt include/image.mk SUPPORTED_DEVICES)
    ({ supportedDevices }) => supportedDevices[0] === wanted,
    ({ supportedDevices }) => supportedDevices.includes(wanted),
    // a device that names no board of its own has its id with a comma (include/image.mk: SUPPORTED_DEVICES)
    ({ id: profileId }) => profileId === wanted.replace(',', '_'),
    ({ title }) => foldTitle(title) === foldTitle(wanted),
  ];
  for (const matches of ways) {
    const found = profiles.filter(matches).map((profile) => profile.id);
    if (found.length > 1) throw describeAmbiguous(wanted, found);
    if (found[0] !== undefined) return found[0];
  }
  throw describeUnknown(wanted, profiles);
}

function foldTitle(title: string): string {
  return title.toLowerCase().replace(/\s+/g, ' ').trim();
}

function describeAmbiguous(wanted: string, candidates: readonly string[]): DeviceError {
  return new DeviceError('PROFILE_AMBIGUOUS', {
    message: `wanted one profile, found ${candidates.length} named ${JSON.stringify(wanted)}`,
    hint: `name one by its id: ${candidates.join(', ')}`,
    details: { profile: wanted, candidates },
  });
}

function describeUnknown(wanted: string, profiles: readonly ProfileNames[]): DeviceError {
  const near = findNearProfiles(wanted, profiles);
  return new DeviceError('PROFILE_UNKNOWN', {
    message: `wanted one of ${profiles.length} profiles, found none named ${JSON.stringify(wanted)}`,
    hint:
      near.length === 0
        ? 'run "mape-image profiles" for all of them, and look whether the target is the right one'
        : `did you mean ${near.join(' or ')}?`,
    details: { profile: wanted, near, count: profiles.length },
  });
}

/** At most five ids: titles that begin with the text or hold all its words, then names spelled alike. */
function findNearProfiles(wanted: string, profiles: readonly ProfileNames[]): readonly string[] {
  const words = foldTitle(wanted)
    .split(/[\s,_]+/)
    .filter((word) => word !== '');
  const holding = profiles
    .filter(
      ({ id, title }) =>
        words.length > 0 && words.every((word) => `${foldTitle(title)} ${id}`.includes(word)),
    )
    .map(({ id }) => id);
  const alike = findNearest(
    wanted.replace(',', '_'),
    profiles.map(({ id }) => id),
  );
  const titled = findNearest(
    wanted,
    profiles.map(({ title }) => title),
  ).flatMap((title) => profiles.filter((profile) => profile.title === title).map(({ id }) => id));
  return [...new Set([...alike, ...titled, ...holding])].slice(0, 5);
}
