import { findNearest } from '../bytes/nearest.ts';
import { ReleaseError } from './errors.ts';
import { compareReleases, isFinal, isMoving, type ReleaseName, type ReleaseWish } from './release-name.ts';
import { type Series, SUPPORTED_SERIES } from './version.ts';

const MAX_NEAR = 5;

/**
 * Choose a release among those a server or a cache has.
 *
 * A series gives its newest finished release; a candidate is taken only by its whole name. A snapshot is no member of the list
 * of a server: it is taken as it is asked for.
 *
 * @param wish absent: the newest finished release of the recommended series, or of all that this program supports
 * @throws ReleaseError RELEASE_UNKNOWN with the releases near the one wanted
 */
export function chooseRelease(
  wish: ReleaseWish | undefined,
  available: readonly ReleaseName[],
  recommended?: Series,
): ReleaseName {
  const newestFirst = available.toSorted((a, b) => compareReleases(b, a));
  if (wish === undefined) {
    const finals = newestFirst.filter((name) => isFinal(name) && isSupported(name));
    const found = finals.find((name) => isOf(name, recommended)) ?? finals[0];
    if (found === undefined) throw unknownRelease(recommended ?? 'stable', newestFirst);
    return found;
  }
  if (wish.type === 'exact') {
    if (isMoving(wish.name) || newestFirst.includes(wish.name)) return wish.name;
    throw unknownRelease(wish.name, newestFirst);
  }
  const found = newestFirst.find((name) => isFinal(name) && isOf(name, wish.series));
  if (found === undefined) throw unknownRelease(wish.series, newestFirst);
  return found;
}

/** The newest finished release of every other supported series, newest first: where else a device may be found. */
export function listOtherNewest(
  chosen: ReleaseName,
  available: readonly ReleaseName[],
): readonly ReleaseName[] {
  const newestFirst = available.filter(isFinal).toSorted((a, b) => compareReleases(b, a));
  return SUPPORTED_SERIES.toReversed().flatMap((series) => {
    const newest = newestFirst.find((name) => isOf(name, series));
    return newest === undefined || isOf(chosen, series) ? [] : [newest];
  });
}

function isOf(name: ReleaseName, series: Series | undefined): boolean {
  return series !== undefined && name.startsWith(`${series}.`);
}

function isSupported(name: ReleaseName): boolean {
  return SUPPORTED_SERIES.some((series) => isOf(name, series));
}

function unknownRelease(wanted: string, newestFirst: readonly ReleaseName[]): ReleaseError {
  const [series = ''] = /^\d{2}\.\d{2}/.exec(wanted) ?? [];
  const siblings = newestFirst.filter((name) => series !== '' && name.startsWith(`${series}.`));
  const supported = newestFirst.filter(isSupported);
  const near = (
    siblings.length > 0
      ? [...findNearest(wanted, siblings, 2), ...siblings]
      : supported.filter((name) => isFinal(name))
  ).filter((name, index, all) => all.indexOf(name) === index);
  const shown = near.slice(0, MAX_NEAR);
  return new ReleaseError('RELEASE_UNKNOWN', {
    message: `wanted OpenWrt ${wanted}, found no such release among ${newestFirst.length}`,
    hint:
      shown.length === 0 ? 'look at https://downloads.openwrt.org/releases/' : `there is ${shown.join(', ')}`,
    details: { release: wanted, near: shown, count: newestFirst.length },
  });
}
