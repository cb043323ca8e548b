import type { z } from 'zod';
import type { OwnUci } from './config.ts';
import { checkUciName, checkUciType, checkUciValue, SECTION_TYPE_KEY } from './fields/uci.ts';
import type { SettingPath } from './problem.ts';
import { report } from './zod-fields.ts';

type UciScalar = string | number;
type UciTree = Record<string, Record<string, Record<string, UciScalar | UciScalar[]>>>;
type Context = z.core.$RefinementCtx<unknown>;

/** Check names and values of `config: { section: { option: value } }`. */
export function checkUciTree(tree: UciTree, ctx: Context): void {
  for (const [config, sections] of Object.entries(tree)) {
    report(ctx, checkUciName(config, 'config'), [config]);
    for (const [section, options] of Object.entries(sections)) {
      report(ctx, checkUciName(section, 'section'), [config, section]);
      for (const [option, value] of Object.entries(options))
        checkOption(ctx, [config, section, option], option, value);
    }
  }
}

function checkOption(ctx: Context, path: SettingPath, option: string, value: UciScalar | UciScalar[]): void {
  if (option === SECTION_TYPE_KEY) {
    report(ctx, checkUciType(String(value)), path);
    return;
  }
  report(ctx, checkUciName(option, 'option'), path);
  if (!Array.isArray(value)) report(ctx, checkUciValue(String(value)), path);
  else
    for (const [index, item] of value.entries()) report(ctx, checkUciValue(String(item)), [...path, index]);
}

/** One entry an option, a section's type before its options. */
export function flattenUci(tree: UciTree): readonly OwnUci[] {
  const entries: OwnUci[] = [];
  for (const [config, sections] of Object.entries(tree))
    for (const [section, options] of Object.entries(sections)) {
      const type = options[SECTION_TYPE_KEY];
      if (type !== undefined) entries.push({ config, section, value: String(type) });
      for (const [option, value] of Object.entries(options)) {
        if (option === SECTION_TYPE_KEY) continue;
        entries.push({
          config,
          section,
          option,
          value: Array.isArray(value) ? value.map(String) : String(value),
        });
      }
    }
  return entries;
}
