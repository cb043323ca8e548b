import { ReleaseError } from './errors.ts';

/** The release series this program knows, oldest first. */
export const SUPPORTED_SERIES = ['22.03', '23.05', '24.10', '25.12', 'snapshot'] as const;

export type Series = (typeof SUPPORTED_SERIES)[number];

/** The series where neither a release nor an ImageBuilder is given and the device asks for no other: the newest stable. */
export const NEWEST_SERIES: Series = '25.12';

/**
 * The series of a version text: `24.10.4`, `24.10.0-rc7` and `24.10-SNAPSHOT` are `24.10`, `SNAPSHOT` is `snapshot`.
 *
 * @throws ReleaseError VERSION_INVALID, RELEASE_UNSUPPORTED
 */
export function parseSeries(version: string): Series {
  const [, number] = /^(\d{2}\.\d{2})(?:[.-][0-9A-Za-z.-]+)?$/.exec(version) ?? [];
  const series = version.toUpperCase() === 'SNAPSHOT' ? 'snapshot' : number;
  const supported = SUPPORTED_SERIES.find((known) => known === series);
  if (supported !== undefined) return supported;
  if (series === undefined) {
    throw new ReleaseError('VERSION_INVALID', {
      message: `wanted an OpenWrt version such as 24.10.4 or SNAPSHOT, found ${JSON.stringify(version)}`,
      hint: 'write the version as in the name of the release',
      details: { version },
    });
  }
  throw new ReleaseError('RELEASE_UNSUPPORTED', {
    message: `wanted an OpenWrt release of ${SUPPORTED_SERIES.join(', ')}, found ${version}`,
    hint: 'use a release that is supported',
    details: { version, supported: SUPPORTED_SERIES },
  });
}
