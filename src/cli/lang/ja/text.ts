import { escapeControls } from '../../../bytes/escape-controls.ts';
import type { Details } from '../../../errors.ts';
import type { Sentence } from '../lang.ts';

/** The Japanese sentence of one code, made of the values its error or finding carries. Any of them may be missing. */
export type Say = (details: Details) => Sentence;

/** What a detail holds. */
export type Value = Details[string] | undefined;

/** A value that somebody typed is shown up to here: what is longer is recognised by its beginning. */
const MAX_CHARS = 60;

/** What to do about a bug of ours. */
export const REPORT = 'mape-image の不具合です。ご報告ください';

/** A number, a choice, or a whole list joined by `、`, without quotation marks; `otherwise` stands where it is missing. */
export function shown(value: Value, otherwise: string): string {
  const text = textOf(value);
  if (text === undefined) return otherwise;
  return typeof value === 'object' ? text : cut(text);
}

/** A value in 「」, cut where it is very long; `otherwise` stands bare where it is missing. */
export function quoted(value: Value, otherwise: string): string {
  const text = textOf(value);
  if (text === undefined) return otherwise;
  return `「${cut(text)}」`;
}

/** A path or a digest in 「」: whole, so that it can be copied. */
export function quotedWhole(value: Value, otherwise: string): string {
  return when(value, (text) => `「${text}」`) || otherwise;
}

/** ` 3 件`: a number with its unit, to stand behind Japanese text; `otherwise` where it is missing. */
export function amount(value: Value, unit: string, otherwise: string): string {
  return when(value, (text) => ` ${text} ${unit}`) || otherwise;
}

/** Part of a sentence that stands only where its value does. */
export function when(value: Value, part: (text: string) => string): string {
  const text = textOf(value);
  return text === undefined ? '' : part(text);
}

/** A blank where Latin text meets Japanese text around it. */
export function spaced(text: string): string {
  return text.replace(/^(?=[\x21-\x7e])/, ' ').replace(/(?<=[\x21-\x7e])$/, ' ');
}

/** `「a」または「b」の間違いではありませんか`; `undefined` without candidates. */
export function suggest(near: Value): string | undefined {
  const names = typeof near === 'object' ? near : near === undefined ? [] : [String(near)];
  if (names.length === 0) return undefined;
  return `${names.map((name) => quoted(name, '')).join('または')}の間違いではありませんか`;
}

/** What a table holds for a value, such as `details.reason`. */
export function choose<T>(table: Readonly<Record<string, T>>, value: Value): T | undefined {
  return typeof value === 'string' && Object.hasOwn(table, value) ? table[value] : undefined;
}

function cut(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS - 1)}…` : text;
}

function textOf(value: Value): string | undefined {
  const text = typeof value === 'object' ? value.join('、') : String(value ?? '');
  return text === '' ? undefined : makeVisible(text);
}

/** Line ends would break the layout, marks of direction turn the sentence around: both become visible escapes. */
function makeVisible(text: string): string {
  return escapeControls(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
