import { UNKNOWN_SECTION } from './uci-changes.ts';
import type { UciState, UciStateSection } from './uci-state.ts';

/**
 * The options of a `map` interface in the order in which OpenWrt's own page lists them.
 *
 * @see openwrt package/network/ipv6/map/files/map.sh (proto_map_init_config)
 */
export const MAP_OPTIONS = [
  'maptype',
  'peeraddr',
  'ipaddr',
  'ip4prefixlen',
  'ip6prefix',
  'ip6prefixlen',
  'ealen',
  'psidlen',
  'psid',
  'offset',
  'tunlink',
  'legacymap',
  'encaplimit',
  'mtu',
] as const;

export type MapOption = (typeof MAP_OPTIONS)[number];

/** One MAP-E interface an image sets up. */
export interface MapeSettings {
  /** `wan6mape`; absent where it has no name in the image. */
  readonly interfaceName: string | undefined;
  /** The file that says `proto map`. */
  readonly path: string;
  /** Options set, in the order of `MAP_OPTIONS`; `null` for a value the router finds out at its first boot. */
  readonly options: Readonly<Partial<Record<MapOption, string | null>>>;
}

/**
 * The MAP-E interfaces in a configuration; `map-t` and `lw4o6` are none.
 *
 * `type` is the old name of `maptype`, which is `map-e` where neither is said.
 */
export function findMapeSettings(state: UciState): readonly MapeSettings[] {
  return (state.get('network') ?? []).flatMap((section): MapeSettings[] => {
    if (textOf(section, 'proto') !== 'map') return [];
    const mapType = textOf(section, 'maptype') ?? textOf(section, 'type') ?? 'map-e';
    if (mapType !== 'map-e') return [];
    const options: Partial<Record<MapOption, string | null>> = {};
    for (const name of MAP_OPTIONS) {
      const value = textOf(section, name);
      if (value !== undefined) options[name] = value;
    }
    const { name } = section;
    const path = section.options.get('proto')?.path ?? section.path;
    return [{ interfaceName: name === UNKNOWN_SECTION ? undefined : name, path, options }];
  });
}

/** A single value; of a list the first, as netifd takes it for an option that is none. */
function textOf(section: UciStateSection, option: string): string | null | undefined {
  const value = section.options.get(option)?.value;
  return value === undefined || value === null || typeof value === 'string' ? value : value[0];
}
