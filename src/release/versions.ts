import { z } from 'zod';
import { parseIndexJson } from './index-json.ts';
import { isReleaseName, type ReleaseName } from './release-name.ts';

const schema = z.object({
  stable_version: z.string().max(64),
  oldstable_version: z.string().max(64).optional(),
  upcoming_version: z.string().max(64).optional(),
  versions_list: z.array(z.string().max(64)).max(10_000),
});

/**
 * Parse `.versions.json` of a download server:
 *
 *    {"stable_version": "25.12.5", "oldstable_version": "24.10.8", "upcoming_version": "", "versions_list": ["25.12.5", ...]}
 *
 * Names that are none of a release, and members that are not named here, are passed over.
 *
 * @returns the releases in the order of the list, each once; a candidate that is upcoming is among them
 * @throws ReleaseError RELEASE_INDEX_INVALID
 * @see https://downloads.openwrt.org/.versions.json
 */
export function parseVersionsJson(text: string): readonly ReleaseName[] {
  const found = parseIndexJson('.versions.json', text, schema);
  const names = [
    ...found.versions_list,
    found.stable_version,
    found.oldstable_version,
    found.upcoming_version,
  ];
  return [...new Set(names.filter((name) => name !== undefined && isReleaseName(name)))];
}
