import { ImageError } from '../errors.ts';
import type { UciSection, UciValue } from './uci.ts';
import type { UciChange } from './uci-changes.ts';

/** The value of an option; `null` for one the router finds out. */
export interface UciSetting {
  readonly value: UciValue | null;
  /** The file that says it last. */
  readonly path: string;
}

export interface UciStateSection {
  readonly type: string | undefined;
  /** Absent for an anonymous one; `?` where a script finds it out on the router. */
  readonly name: string | undefined;
  /** The file it comes from. */
  readonly path: string;
  readonly options: ReadonlyMap<string, UciSetting>;
}

/** Sections by configuration, `network`, in their order. */
export type UciState = ReadonlyMap<string, readonly UciStateSection[]>;

export interface UciFile {
  readonly config: string;
  readonly path: string;
  readonly sections: readonly UciSection[];
}

interface Draft {
  type: string | undefined;
  readonly name: string | undefined;
  readonly path: string;
  readonly options: Map<string, UciSetting>;
}

const MAX_CHANGES = 5_000;

/**
 * The configuration as it stands once the scripts have run, over what the image itself brings: what the router makes at
 * its first boot is not there.
 *
 * @throws ImageError IMAGE_FILE_INVALID for more changes than any image has
 */
export function computeUciState(files: readonly UciFile[], changes: readonly UciChange[]): UciState {
  const configs = new Map<string, Draft[]>();
  const sectionsOf = (config: string): Draft[] => {
    const known = configs.get(config);
    if (known !== undefined) return known;
    const sections: Draft[] = [];
    configs.set(config, sections);
    return sections;
  };
  for (const { config, path, sections } of files) {
    for (const { type, name, options } of sections) {
      const settings = [...options].map(([option, value]) => [option, { value, path }] as const);
      sectionsOf(config).push({ type, name, path, options: new Map(settings) });
    }
  }
  if (changes.length > MAX_CHANGES) throw tooMany(changes.length);
  for (const change of changes) applyChange(sectionsOf(change.config), change);
  return configs;
}

function applyChange(sections: Draft[], change: UciChange): void {
  const { verb, section, option, value, path } = change;
  if (verb === 'add') {
    sections.push({ type: value ?? undefined, name: undefined, path, options: new Map() });
    return;
  }
  const found = findSection(sections, section);
  if (verb === 'delete') {
    if (option !== undefined) found?.options.delete(option);
    else if (found !== undefined) sections.splice(sections.indexOf(found), 1);
    return;
  }
  const target = found ?? addSection(sections, section, path);
  if (option === undefined) target.type = value ?? undefined;
  else if (verb === 'set' && value === '') target.options.delete(option);
  else target.options.set(option, { value: join(target.options.get(option), change), path });
}

function join(before: UciSetting | undefined, { verb, value }: UciChange): UciSetting['value'] {
  if (verb === 'set' || value === null) return value;
  return before === undefined || before.value === null ? [value] : [...[before.value].flat(), value];
}

function findSection(sections: readonly Draft[], place: string): Draft | undefined {
  const [, type, index] = /^@([^[]+)\[(-?[0-9]{1,6})\]$/.exec(place) ?? [];
  if (type === undefined) return sections.find(({ name }) => name === place);
  return sections.filter((section) => section.type === type).at(Number(index));
}

/** A section the router has of its own, such as `wan6` or `@dropbear[0]`. */
function addSection(sections: Draft[], place: string, path: string): Draft {
  const [, type] = /^@([^[]+)\[/.exec(place) ?? [];
  const name = type === undefined ? place : undefined;
  const section: Draft = { type, name, path, options: new Map() };
  sections.push(section);
  return section;
}

function tooMany(found: number): ImageError {
  return new ImageError('IMAGE_FILE_INVALID', {
    message: `wanted at most ${MAX_CHANGES} changes of the configuration in the scripts of an image, found ${found}`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { form: 'uci', problem: 'too-many', limit: MAX_CHANGES, found },
  });
}
