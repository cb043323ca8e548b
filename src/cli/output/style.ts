import { styleText } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import type { Looks } from '../context.ts';

type Style = Parameters<typeof styleText>[0];

/** Colour a text, or leave it where colours are off. */
export function paint(looks: Pick<Looks, 'color'>, style: Style, text: string): string {
  return looks.color ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns a text takes on a terminal: a kanji takes two. Colours are put on after counting. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += eastAsianWidth(char.codePointAt(0) ?? 0);
  return width;
}

/** Pad to a width in columns of a terminal, where a kanji takes two. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Break a text into lines of at most `width` columns: at blanks, and between characters where a word is wider. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  // CJK text has no blanks: each wide character is a place to break after.
  for (const word of text.match(/[^\s\u3000-\u9fff\uff00-\uffef]+|[\u3000-\u9fff\uff00-\uffef]|\s+/gu) ??
    []) {
    if (line !== '' && textWidth(line) + textWidth(word) > width && !/^[\s。、」）]/u.test(word)) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += line === '' ? word.trimStart() : word;
  }
  if (line !== '') lines.push(line.trimEnd());
  return lines;
}

/** Make text of strangers harmless on a terminal: control characters become visible escapes. */
export function escapeControls(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
