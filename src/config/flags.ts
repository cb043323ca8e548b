import type { Finding } from '../errors.ts';
import type { LayerName, LayerResult } from './layer.ts';
import { formatSettingPath, type SettingPath } from './problem.ts';
import { readLayer } from './read-layer.ts';
import { parseSetting } from './set.ts';
import type { Spot } from './spot.ts';

/** Settings that have a flag of their own; every other one is reached by `set`. */
export interface FlagValues {
  readonly prefix?: string | undefined;
  readonly profile?: string | undefined;
  readonly service?: string | undefined;
  readonly release?: string | undefined;
  readonly rule?: string | undefined;
  readonly line?: string | undefined;
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  /** `path=value` each, as `lan.address=192.168.10.1/24`. */
  readonly set?: readonly string[] | undefined;
}

const TEXT_FLAGS = ['prefix', 'profile', 'service', 'release', 'rule', 'line'] as const;

/** Names in the environment, for help texts: `MAPE_IMAGE_PREFIX` stands for `--prefix`. */
export const ENV_NAMES = {
  prefix: 'MAPE_IMAGE_PREFIX',
  profile: 'MAPE_IMAGE_PROFILE',
  service: 'MAPE_IMAGE_SERVICE',
  release: 'MAPE_IMAGE_RELEASE',
  rule: 'MAPE_IMAGE_RULE',
  line: 'MAPE_IMAGE_LINE',
  add: 'MAPE_IMAGE_ADD',
  remove: 'MAPE_IMAGE_REMOVE',
  set: 'MAPE_IMAGE_SET',
} as const;

/** Settings given on the command line. Of two `--set` of one path the later holds; a flag of its own goes before both. */
export function parseFlagLayer(flags: FlagValues): LayerResult {
  return readNamed('flag', flags, (flag) => `--${flag}`);
}

/**
 * Settings given in the environment, by the names of `ENV_NAMES`; an empty variable counts as absent.
 *
 * `MAPE_IMAGE_ADD` and `_REMOVE` hold names parted by blanks or commas, `MAPE_IMAGE_SET` one `path=value` a line.
 */
export function parseEnvLayer(env: Readonly<Record<string, string | undefined>>): LayerResult {
  const read = (name: string) => (env[name] === '' ? undefined : env[name]);
  const list = (name: string, separator: RegExp) =>
    read(name)
      ?.split(separator)
      .filter((item) => item !== '');
  const flags: FlagValues = {
    ...Object.fromEntries(TEXT_FLAGS.map((flag) => [flag, read(ENV_NAMES[flag])])),
    add: list(ENV_NAMES.add, /[\s,]+/),
    remove: list(ENV_NAMES.remove, /[\s,]+/),
    set: list(ENV_NAMES.set, /\r?\n/),
  };
  return readNamed('environment', flags, (flag) => ENV_NAMES[flag]);
}

function readNamed(
  layer: LayerName,
  flags: FlagValues,
  nameOf: (flag: keyof FlagValues) => string,
): LayerResult {
  const value = Object.create(null);
  const spots = new Map<string, { readonly value: Spot }>();
  const findings: Finding[] = [];
  const place = (path: SettingPath, given: unknown, label: string) => {
    putAt(value, path, given);
    spots.set(formatSettingPath(path), { value: { label } });
  };
  for (const text of flags.set ?? []) {
    const setting = parseSetting(text, nameOf('set'));
    if (setting.findings.length > 0) findings.push(...setting.findings);
    else place(setting.path, setting.value, `${nameOf('set')} ${formatSettingPath(setting.path)}`);
  }
  for (const flag of TEXT_FLAGS) if (flags[flag] !== undefined) place([flag], flags[flag], nameOf(flag));
  for (const flag of ['add', 'remove'] as const) {
    const names = flags[flag] ?? [];
    if (names.length > 0) place(['packages', flag], names, nameOf(flag));
  }
  return readLayer({ layer, value, spots, findings });
}

/** Put a value at a path, making the mappings on the way; a value in the way that is no mapping is replaced. */
function putAt(root: object, path: SettingPath, value: unknown): void {
  let inside = root;
  for (const step of path.slice(0, -1)) {
    const next: unknown = Reflect.get(inside, step);
    const mapping =
      typeof next === 'object' && next !== null && !Array.isArray(next) ? next : Object.create(null);
    Reflect.set(inside, step, mapping);
    inside = mapping;
  }
  Reflect.set(inside, path.at(-1) ?? '', value);
}
