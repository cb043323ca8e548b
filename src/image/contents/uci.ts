import { invalidFile, type TextProblem } from './invalid-file.ts';
import { splitUci } from './uci-words.ts';

export type UciValue = string | readonly string[];

export interface UciSection {
  readonly type: string;
  /** Absent for an anonymous one. */
  readonly name: string | undefined;
  /** Where it begins, from 1. */
  readonly line: number;
  /** In the order of the text. */
  readonly options: ReadonlyMap<string, UciValue>;
}

interface Draft {
  readonly type: string;
  readonly name: string | undefined;
  readonly line: number;
  readonly options: Map<string, string | string[]>;
}

const VERBS: ReadonlyMap<string, 'config' | 'option' | 'list' | 'package'> = new Map([
  ['c', 'config'],
  ['config', 'config'],
  ['o', 'option'],
  ['option', 'option'],
  ['l', 'list'],
  ['list', 'list'],
  ['p', 'package'],
  ['package', 'package'],
]);
const MAX_SECTIONS = 5_000;

/**
 * Parse one configuration of UCI, as `/etc/config/network` is:
 *
 *    config interface 'wan6mape'            type and name; no name: an anonymous section
 *    	option proto 'map'                   the last one counts; an empty value takes the option away
 *    	list dns '192.0.2.1'                 goes on with a list, or with an option of that name
 *    package network                        ignored: the file's name says it
 *
 * A section that comes again under its name goes on with the first one.
 *
 * @throws ImageError IMAGE_FILE_INVALID
 * @see openwrt/uci file.c (uci_parse_line), util.c (uci_validate_type, uci_validate_name)
 */
export function parseUci(text: string, path: string): readonly UciSection[] {
  const drafts: Draft[] = [];
  const byName = new Map<string, Draft>();
  let open: Draft | undefined;
  for (const { line, words } of splitUci(text, (at, problem) => invalidFile('uci', path, at, problem))) {
    const fail = (problem: TextProblem) => invalidFile('uci', path, line, problem);
    const [verb = '', ...rest] = words;
    switch (VERBS.get(verb)) {
      case 'config': {
        const section = readSection(rest, line, fail);
        const known = section.name === undefined ? undefined : byName.get(section.name);
        if (known !== undefined && known.type !== section.type) throw fail('type');
        open = known ?? section;
        if (known !== undefined) break;
        if (drafts.length >= MAX_SECTIONS) throw fail('too-many');
        drafts.push(section);
        if (section.name !== undefined) byName.set(section.name, section);
        break;
      }
      case 'option':
        setOption(requireSection(open, fail), rest, fail);
        break;
      case 'list':
        addItem(requireSection(open, fail), rest, fail);
        break;
      case 'package':
        if (rest.length !== 1) throw fail('fields');
        break;
      default:
        throw fail('command');
    }
  }
  return drafts;
}

type Fail = (problem: TextProblem) => Error;

function readSection([type = '', name = '', ...more]: readonly string[], line: number, fail: Fail): Draft {
  if (type === '' || more.length > 0) throw fail('fields');
  if (!/^[!-~]+$/.test(type) || !/^[A-Za-z0-9_]*$/.test(name)) throw fail('characters');
  return { type, name: name === '' ? undefined : name, line, options: new Map() };
}

function requireSection(open: Draft | undefined, fail: Fail): Draft {
  if (open === undefined) throw fail('no-section');
  return open;
}

function setOption({ options }: Draft, words: readonly string[], fail: Fail): void {
  const [name, value] = readOption(words, fail);
  if (value === '') options.delete(name);
  else options.set(name, value);
}

function addItem({ options }: Draft, words: readonly string[], fail: Fail): void {
  const [name, value] = readOption(words, fail);
  const before = options.get(name);
  if (Array.isArray(before)) before.push(value);
  else options.set(name, before === undefined ? [value] : [before, value]);
}

function readOption([name = '', value, ...more]: readonly string[], fail: Fail): readonly [string, string] {
  if (name === '' || more.length > 0) throw fail('fields');
  if (!/^[A-Za-z0-9_]+$/.test(name)) throw fail('characters');
  return [name, value ?? ''];
}
