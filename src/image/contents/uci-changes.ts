import { invalidFile } from './invalid-file.ts';
import { type ShellCommand, splitShell } from './shell.ts';
import { UNKNOWN } from './shell-words.ts';
import { parseUci } from './uci.ts';
import { splitUci } from './uci-words.ts';

/** One thing a script does to the configuration. */
export interface UciChange {
  readonly verb: 'set' | 'add_list' | 'delete' | 'add';
  readonly config: string;
  /** A name, `@type[index]`, `?` where the script finds it out on the router; of `add` empty. */
  readonly section: string;
  readonly option: string | undefined;
  /** Of `add` and of `set` without an option the type; `null` where the script finds it out on the router. */
  readonly value: string | null;
  readonly path: string;
  readonly line: number;
}

/** Name of a section that a script finds out on the router. */
export const UNKNOWN_SECTION = '?';

const MAX_CHANGES = 5_000;
/** Options of the `uci` program that take a word. @see openwrt/uci cli.c (main, getopt) */
const WITH_WORD = new Set(['-c', '-C', '-d', '-f', '-p', '-P', '-t']);
/** Words before a command that do not change what it sets. */
const BEFORE = new Set(['!', '{', 'if', 'then', 'else', 'elif', 'while', 'until', 'do', 'time', 'exec']);

/**
 * What lines for `uci batch` change.
 *
 * @throws ImageError IMAGE_FILE_INVALID for quotes without an end, and for more lines than any image has
 * @see openwrt/uci cli.c (uci_batch_cmd)
 */
export function parseUciBatch(text: string, path: string, firstLine = 1): readonly UciChange[] {
  const changes: UciChange[] = [];
  const fail = (line: number, problem: 'nul' | 'quotes') =>
    invalidFile('uci', path, firstLine - 1 + line, problem);
  for (const { line, words } of splitUci(text, fail)) {
    changes.push(...readCommand(words, path, firstLine - 1 + line));
    if (changes.length > MAX_CHANGES) throw invalidFile('uci', path, line, 'too-many');
  }
  return changes;
}

/**
 * What a script of `/etc/uci-defaults` changes, as far as its text tells: `uci set`, `add_list`, `delete`, `add`, `batch`
 * with a here-document, and here-documents written to `/etc/config/`. Every line counts, whatever `if` it stands in.
 *
 * @throws ImageError IMAGE_FILE_INVALID as parseUciBatch and parseUci
 */
export function parseUciScript(text: string, path: string): readonly UciChange[] {
  const changes: UciChange[] = [];
  let before: ShellCommand | undefined;
  for (const command of splitShell(text)) {
    changes.push(...readShellCommand(command, before, path));
    before = command;
    if (changes.length > MAX_CHANGES) throw invalidFile('uci', path, command.line, 'too-many');
  }
  return changes;
}

function readShellCommand(
  command: ShellCommand,
  before: ShellCommand | undefined,
  path: string,
): readonly UciChange[] {
  const words = command.words.slice(command.words.findIndex((word) => !BEFORE.has(word)));
  const { line } = command;
  const written = /^\/etc\/config\/([A-Za-z0-9_-]+)$/.exec(command.output ?? '')?.[1];
  if (words[0] === 'cat' && written !== undefined && command.here !== undefined)
    return convertSections(command.here, written, path, line);
  if (!/^(?:\/sbin\/)?uci$/.test(words[0] ?? '')) return [];
  let at = 1;
  while (words[at]?.startsWith('-')) at += WITH_WORD.has(words[at] ?? '') ? 2 : 1;
  const rest = words.slice(at);
  if (rest[0] !== 'batch') return readCommand(rest, path, line);
  const here = command.here ?? (command.piped ? before?.here : undefined);
  return here === undefined ? [] : parseUciBatch(here, path, line + 1);
}

function readCommand([verb = '', ...words]: readonly string[], path: string, line: number): UciChange[] {
  if (verb === 'add') {
    const [config = '', type = ''] = words;
    if (!/^[A-Za-z0-9_-]+$/.test(config) || type === '') return [];
    return [{ verb, config, section: '', option: undefined, value: known(type), path, line }];
  }
  if (verb !== 'set' && verb !== 'add_list' && verb !== 'delete') return [];
  return words.flatMap((word): UciChange[] => {
    const equals = verb === 'delete' ? -1 : word.indexOf('=');
    if (equals < 0 && verb !== 'delete') return [];
    const [, config, section, option] = KEY.exec(equals < 0 ? word : word.slice(0, equals)) ?? [];
    if (config === undefined || section === undefined) return [];
    const value = equals < 0 ? '' : word.slice(equals + 1);
    return [
      {
        verb,
        config,
        section: section.includes(UNKNOWN) ? UNKNOWN_SECTION : section,
        option,
        value: known(value),
        path,
        line,
      },
    ];
  });
}

const KEY = new RegExp(
  `^([A-Za-z0-9_-]+)\\.((?:[A-Za-z0-9_-]|${UNKNOWN})+|@[A-Za-z0-9_-]+\\[-?[0-9]+\\])(?:\\.([A-Za-z0-9_]+))?$`,
  'u',
);

function known(value: string): string | null {
  return value.includes(UNKNOWN) ? null : value;
}

/** A configuration written as text, as the changes that lead to it. */
function convertSections(text: string, config: string, path: string, line: number): readonly UciChange[] {
  return parseUci(text.replaceAll(UNKNOWN, '?'), path).flatMap((section): UciChange[] => {
    const { name, type } = section;
    const place = { config, path, line: line + section.line };
    return [
      name === undefined
        ? { verb: 'add', section: '', option: undefined, value: type, ...place }
        : { verb: 'set', section: name, option: undefined, value: type, ...place },
      ...[...section.options].flatMap(([option, value]) =>
        [value].flat().map(
          (item): UciChange => ({
            verb: typeof value === 'string' ? 'set' : 'add_list',
            section: name ?? `@${type}[-1]`,
            option,
            value: item,
            ...place,
          }),
        ),
      ),
    ];
  });
}
