import { z } from 'zod';
import { parseIndexJson } from './index-json.ts';
import { isTargetName, type TargetName } from './target.ts';

const schema = z.record(z.string().max(128), z.string().max(64));

/**
 * Parse `.targets.json` of a release, from 22.03 on: `{"ath79/generic": "mips_24kc", ...}`, the architecture of the packages
 * by target. What is no target is passed over.
 *
 * @throws ReleaseError RELEASE_INDEX_INVALID
 * @see https://downloads.openwrt.org/releases/24.10.0/.targets.json
 */
export function parseTargetsJson(text: string): ReadonlyMap<TargetName, string> {
  const found = Object.entries(parseIndexJson('.targets.json', text, schema));
  return new Map(found.flatMap(([target, arch]) => (isTargetName(target) ? [[target, arch]] : [])));
}
