import type { ReleaseName } from './release-name.ts';
import { parseUsignPublicKey, type UsignPublicKey } from './usign.ts';
import { parseSeries, type Series } from './version.ts';

/** Signs main, and the series that have no key of their own. */
const SNAPSHOT_KEY = 'RWS1BD5w+adc3j2Hqg9+b66CvLR7NlHbsj7wjNVj0XGt/othDgIAOJS+';

/**
 * The keys of OpenWrt by release series, in the program itself: a key that came the way of the files would prove nothing.
 *
 * @see https://openwrt.org/docs/guide-user/security/signatures, https://git.openwrt.org/?p=keyring.git;a=tree;f=usign
 */
const KEYS: Readonly<Record<Series, string>> = {
  '22.03': 'RWRNAX5vHtXWFmt+n5di7XX8rTu0w+c8X7Ihv4oCyD6tzsUwmH0A6kO0',
  '23.05': SNAPSHOT_KEY,
  '24.10': 'RWTTEMbygz6X95lKDAulctZy3aj15823THXfyrfXgwGbxZlXBd2brNcw',
  '25.12': SNAPSHOT_KEY,
  snapshot: SNAPSHOT_KEY,
};

/** The keys a release may be signed with: that of its series, and for the head of a branch that of main as well. */
export function pinnedKeys(release: ReleaseName): readonly UsignPublicKey[] {
  const own = KEYS[parseSeries(release)];
  const texts = release.endsWith('-SNAPSHOT') ? [own, SNAPSHOT_KEY] : [own];
  return [...new Set(texts)].map(parseUsignPublicKey);
}
