import { ReleaseError } from './errors.ts';
import { parseSeries, type Series } from './version.ts';

declare const brand: unique symbol;

/** One folder of releases on the server: `24.10.8`, `24.10.0-rc7`, `24.10-SNAPSHOT` (head of a branch), `SNAPSHOT` (main). */
export type ReleaseName = string & { readonly [brand]: 'ReleaseName' };

/** What a person asks for: a release by its whole name, or the newest of a series. */
export type ReleaseWish =
  | { readonly type: 'exact'; readonly name: ReleaseName }
  | { readonly type: 'series'; readonly series: Series };

const NAME = /^[0-9]{2}\.[0-9]{2}(?:\.[0-9]{1,2}(?:-rc[0-9]{1,2})?|-SNAPSHOT)$|^SNAPSHOT$/;

/** Whether a text is the name of a release of OpenWrt, of whatever series. */
export function isReleaseName(text: string): text is ReleaseName {
  return NAME.test(text);
}

/**
 * Read a wish: `24.10` is the newest release of that series, every other text the name of one release. `snapshot` may stand
 * in either case.
 *
 * @throws ReleaseError VERSION_INVALID, RELEASE_UNSUPPORTED
 */
export function parseReleaseWish(text: string): ReleaseWish {
  const name = text.trim().replace(/snapshot$/i, 'SNAPSHOT');
  const series = parseSeries(name);
  if (isReleaseName(name)) return { type: 'exact', name };
  if (name === series) return { type: 'series', series };
  throw new ReleaseError('VERSION_INVALID', {
    message: `wanted an OpenWrt version such as 24.10.4 or SNAPSHOT, found ${JSON.stringify(text)}`,
    hint: 'write the version as in the name of the release',
    details: { version: text },
  });
}

/** Whether the files of that name change from day to day. */
export function isMoving(name: ReleaseName): boolean {
  return name.endsWith('SNAPSHOT');
}

/** Whether it is a finished release: no release candidate, no snapshot. */
export function isFinal(name: ReleaseName): boolean {
  return !isMoving(name) && !name.includes('-rc');
}

/** Older before newer: by series, number, candidates before the release; snapshots after all releases of their series. */
export function compareReleases(a: ReleaseName, b: ReleaseName): number {
  const left = rank(a);
  const right = rank(b);
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(name: ReleaseName): readonly number[] {
  if (name === 'SNAPSHOT') return [Number.MAX_SAFE_INTEGER, 0, 0, 0];
  const [, year, month, patch, candidate] = /^(\d+)\.(\d+)(?:\.(\d+))?(?:-rc(\d+))?/.exec(name) ?? [];
  const number = patch === undefined ? Number.MAX_SAFE_INTEGER : Number(patch);
  const order = candidate === undefined ? Number.MAX_SAFE_INTEGER : Number(candidate);
  return [Number(year), Number(month), number, order];
}
