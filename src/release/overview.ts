import { z } from 'zod';
import { parseIndexJson } from './index-json.ts';
import { isTargetName, type TargetName } from './target.ts';

/** One device as a list of a server names it. */
export interface ListedProfile {
  /** `tplink_archer-c6-v2`; the same id may stand in several targets, as `generic` does. */
  readonly id: string;
  readonly target: TargetName;
  /** `TP-Link Archer C6 v2 (EU/RU/JP)`, and the names the same device is sold under elsewhere. */
  readonly titles: readonly string[];
}

const text = z.string().max(300);
const titles = z
  .array(
    z.object({
      vendor: text.optional(),
      model: text.optional(),
      variant: text.optional(),
      title: text.optional(),
    }),
  )
  .max(100);
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.+,-]{0,127}$/);
const overview = z.object({
  profiles: z.array(z.object({ id, target: text, titles: titles.default([]) })).max(50_000),
});
const targetProfiles = z.object({
  target: text,
  profiles: z.record(id, z.object({ titles: titles.default([]) })),
});

/**
 * Parse `.overview.json` of a release: every device of every target.
 *
 *    {"release": "23.05.4", "profiles": [{"id": "…", "target": "ath79/generic", "titles": [{"vendor", "model", "variant"}]}]}
 *
 * @throws ReleaseError RELEASE_INDEX_INVALID
 * @see openwrt/firmware-selector-openwrt-org misc/collect.py
 */
export function parseOverviewJson(text: string): readonly ListedProfile[] {
  return parseIndexJson('.overview.json', text, overview).profiles.flatMap(({ id, target, titles }) =>
    isTargetName(target) ? [{ id, target, titles: titles.map(joinTitle) }] : [],
  );
}

/**
 * The devices of one target, from its `profiles.json`.
 *
 * @throws ReleaseError RELEASE_INDEX_INVALID
 * @see OpenWrt scripts/json_overview_image_info.py
 */
export function parseTargetProfiles(text: string): readonly ListedProfile[] {
  const { target, profiles } = parseIndexJson('profiles.json', text, targetProfiles);
  if (!isTargetName(target)) return [];
  return Object.entries(profiles).map(([id, { titles }]) => ({ id, target, titles: titles.map(joinTitle) }));
}

function joinTitle({ vendor, model, variant, title }: z.infer<typeof titles>[number]): string {
  return title ?? [vendor, model, variant].filter((part) => part !== undefined && part !== '').join(' ');
}
