import { stripVTControlCharacters, styleText } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import type { Looks } from '../context.ts';

type Style = Parameters<typeof styleText>[0];

/** Colour a text, or leave it where colours are off. */
export function paint(looks: Pick<Looks, 'color'>, style: Style, text: string): string {
  return looks.color ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns a text takes on a terminal: a kanji takes two, a colour none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of stripVTControlCharacters(text)) width += eastAsianWidth(char.codePointAt(0) ?? 0);
  return width;
}

/** Pad to a width in columns of a terminal, where a kanji takes two. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Signs of Japanese text that begin no line, and those that end none (JIS X 4051 §6.1.1, §6.1.2). */
const NO_START = '、。，．・：；？！」』）】〉》ー々〜ぁぃぅぇぉっゃゅょゎ';
const NO_END = '「『（【〈《';
const WIDE = '\u3000-\u9fff\uff00-\uffef';
/** What is never broken inside: blanks, a word without blanks or in katakana, or one other sign, with those that cling to it. */
const PIECE = new RegExp(
  `\\s+|[${NO_END}]*(?:[^\\s${WIDE}]+|[\u30a1-\u30fa\u30fc]+|[${WIDE}])[${NO_START}]*`,
  'gu',
);

/**
 * Break a text into lines of at most `width` columns: at blanks and between Japanese characters. A word that is wider, such
 * as a path or a digest, stays in one piece, so that it can be copied.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(PIECE) ?? []) {
    if (line !== '' && textWidth(line) + textWidth(piece) > width && piece.trim() !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? piece.trimStart() : piece;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}
