import type { Finding } from '../errors.ts';
import { checkConfig } from './check.ts';
import type { Config, OwnUci } from './config.ts';
import { type ConfigLayer, LAYER_NAMES, type Origin } from './layer.ts';
import { formatSettingPath, type SettingPath } from './problem.ts';
import type { LayerValues } from './schema.ts';
import { findSpot } from './spot.ts';

export interface MergedConfig {
  readonly config: Config;
  /** By setting path: `lan.address`, `forwards`, one for each of `packages.add[0]` and `uci.network.lan.mtu`. */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly findings: readonly Finding[];
}

/**
 * Lay the layers over each other: flag, environment, project file, user file, default, whatever their order here.
 *
 * A list replaces the list below it as a whole. Two things accumulate: package names, where a name that one layer adds and
 * a stronger one removes (or the reverse) follows the stronger; and UCI options, of which the strongest of each name holds.
 *
 * @returns the settings, where each comes from, and what does not go together
 */
export function mergeLayers(layers: readonly ConfigLayer[]): MergedConfig {
  const sorted = LAYER_NAMES.flatMap((name) => layers.filter(({ layer }) => layer === name));
  const origins = new Map<string, Origin>();

  const pick = <T>(path: SettingPath, read: (values: LayerValues) => T | undefined): T | undefined => {
    for (const layer of sorted) {
      const value = read(layer.values);
      if (value === undefined) continue;
      origins.set(formatSettingPath(path), originOf(layer, path));
      return value;
    }
    origins.set(formatSettingPath(path), DEFAULT);
    return undefined;
  };

  const service = pick(['service'], ({ service }) => service);
  const country = pick(['wifi', 'country'], ({ wifi }) => wifi?.country);
  const networks = pick(['wifi', 'networks'], ({ wifi }) => wifi?.networks);
  const wifi =
    country === undefined && networks === undefined
      ? undefined
      : { country: country ?? 'JP', networks: networks ?? [] };
  const config: Config = {
    prefix: pick(['prefix'], ({ prefix }) => prefix),
    profile: pick(['profile'], ({ profile }) => profile),
    release: pick(['release'], ({ release }) => release),
    service: service === 'auto' ? undefined : service,
    rule: pick(['rule'], ({ rule }) => rule),
    line: pick(['line'], ({ line }) => line) ?? 'auto',
    packages: mergePackages(sorted, origins),
    lan: { address: pick(['lan', 'address'], ({ lan }) => lan?.address) },
    wan: { dhcpv4: pick(['wan', 'dhcpv4'], ({ wan }) => wan?.dhcpv4) ?? false },
    hostname: pick(['hostname'], ({ hostname }) => hostname),
    timezone: pick(['timezone'], ({ timezone }) => timezone) ?? 'Asia/Tokyo',
    ntp: pick(['ntp'], ({ ntp }) => ntp) ?? [],
    wifi,
    ssh: {
      authorizedKeys: pick(['ssh', 'authorizedKeys'], ({ ssh }) => ssh?.authorizedKeys) ?? [],
      passwordLogin: pick(['ssh', 'passwordLogin'], ({ ssh }) => ssh?.passwordLogin),
    },
    rootPasswordHash: pick(['root', 'passwordHash'], ({ root }) => root?.passwordHash),
    ipv6: { allow: pick(['ipv6', 'allow'], ({ ipv6 }) => ipv6?.allow) ?? [] },
    forwards: pick(['forwards'], ({ forwards }) => forwards) ?? [],
    reservedPorts: pick(['reservedPorts'], ({ reservedPorts }) => reservedPorts) ?? [],
    files: pick(['files'], ({ files }) => files) ?? [],
    uci: mergeUci(sorted, origins),
  };
  return { config, origins, findings: checkConfig(config, sorted, origins) };
}

const DEFAULT: Origin = { layer: 'default', label: 'default' };

function originOf(layer: ConfigLayer, path: SettingPath): Origin {
  return { layer: layer.layer, ...findSpot(layer.spots, path) };
}

function mergePackages(layers: readonly ConfigLayer[], origins: Map<string, Origin>): Config['packages'] {
  const chosen = new Map<string, { readonly side: 'add' | 'remove'; readonly origin: Origin }>();
  for (const layer of layers)
    for (const side of ['add', 'remove'] as const)
      for (const [index, name] of (layer.values.packages?.[side] ?? []).entries())
        if (!chosen.has(name)) chosen.set(name, { side, origin: originOf(layer, ['packages', side, index]) });
  const collect = (wanted: 'add' | 'remove') => {
    const names = [...chosen].filter(([, { side }]) => side === wanted);
    for (const [index, [, { origin }]] of names.entries())
      origins.set(`packages.${wanted}[${index}]`, origin);
    return names.map(([name]) => name);
  };
  return { add: collect('add'), remove: collect('remove') };
}

function mergeUci(layers: readonly ConfigLayer[], origins: Map<string, Origin>): readonly OwnUci[] {
  const merged = new Map<string, OwnUci>();
  for (const layer of layers)
    for (const own of layer.values.uci ?? []) {
      const path = ['uci', own.config, own.section, own.option ?? '.type'];
      const name = formatSettingPath(path);
      if (merged.has(name)) continue;
      merged.set(name, own);
      origins.set(name, originOf(layer, path));
    }
  // a section is made before its options are set, whichever layer gave its type
  const entries = [...merged.values()];
  return [...entries.filter(isType), ...entries.filter((own) => !isType(own))];
}

function isType(own: OwnUci): boolean {
  return own.option === undefined;
}
