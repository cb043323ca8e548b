/** Stands where only the running script knows the text: no character of Unicode, so no file of ours holds it. */
export const UNKNOWN = '\u{10ffff}';

export interface Piece {
  readonly value: string;
  readonly end: number;
}

/** Expanded text of one script; without a limit `X=$X$X` fills the memory in forty lines. */
const MAX_EXPANDED = 1 << 20;

/** The variables of one script. */
export class Variables {
  readonly #values = new Map<string, string>();
  #left = MAX_EXPANDED;

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** `UNKNOWN` for one that was not set, and once too much has been expanded. */
  expand(name: string): string {
    const value = this.#values.get(name) ?? UNKNOWN;
    this.#left -= value.length;
    return this.#left < 0 ? UNKNOWN : value;
  }
}

/** One piece of a word, quoted text, an expansion or a run of plain signs, and where the text goes on. */
export function readPiece(text: string, at: number, variables: Variables): Piece {
  switch (text[at]) {
    case "'": {
      const end = endAt(text, "'", at + 1);
      return { value: text.slice(at + 1, end), end: end + 1 };
    }
    case '"':
      return readDouble(text, at + 1, variables, '"');
    case '\\':
      return { value: text[at + 1] === '\n' ? '' : (text[at + 1] ?? ''), end: at + 2 };
    case '$':
    case '`':
      return readExpansion(text, at, variables);
    default: {
      PLAIN.lastIndex = at;
      const [value = text[at] ?? ''] = PLAIN.exec(text) ?? [];
      return { value, end: at + value.length };
    }
  }
}

const PLAIN = /[^'"\\$` \t\r\n;&|()<>]+/y;

/** Up to the closing sign, or to the end of the text. */
function readDouble(text: string, start: number, variables: Variables, closing: '"' | undefined): Piece {
  const pieces: string[] = [];
  for (let at = start; ; ) {
    SPECIAL.lastIndex = at;
    const found = SPECIAL.exec(text)?.index ?? text.length;
    pieces.push(text.slice(at, found));
    const sign = text[found];
    if (sign === undefined) return { value: pieces.join(''), end: text.length };
    if (sign === '"') {
      if (closing !== undefined) return { value: pieces.join(''), end: found + 1 };
      pieces.push('"');
      at = found + 1;
    } else if (sign === '\\') {
      const next = text[found + 1] ?? '';
      if (next !== '\n') pieces.push(/[$`"\\]/.test(next) ? next : `\\${next}`);
      at = found + 2;
    } else {
      const piece = readExpansion(text, found, variables);
      pieces.push(piece.value);
      at = piece.end;
    }
  }
}

const SPECIAL = /["\\$`]/g;

/** The text of a here-document whose delimiter is bare. */
export function expandHere(text: string, variables: Variables): string {
  return readDouble(text, 0, variables, undefined).value;
}

function readExpansion(text: string, at: number, variables: Variables): Piece {
  if (text[at] === '`') return { value: UNKNOWN, end: endAt(text, '`', at + 1) + 1 };
  if (text[at + 1] === '(') return { value: UNKNOWN, end: skipNested(text, at + 1, '(', ')') };
  NAME.lastIndex = at + 1;
  const [name] = NAME.exec(text) ?? [];
  if (name !== undefined) return { value: variables.expand(name), end: at + 1 + name.length };
  if (text[at + 1] === '{') {
    const end = skipNested(text, at + 1, '{', '}');
    const inside = text.slice(at + 2, end - 1);
    return { value: variables.expand(inside), end };
  }
  if (/[0-9@*#?$!-]/.test(text[at + 1] ?? '')) return { value: UNKNOWN, end: at + 2 };
  return { value: '$', end: at + 1 };
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** Where the text goes on behind the bracket that closes the one at `at`. */
function skipNested(text: string, at: number, opening: string, closing: string): number {
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '\\') index += 1;
    else if (sign === "'") index = endAt(text, "'", index + 1);
    else if (sign === '"') index = endOfDouble(text, index + 1);
    else if (sign === opening) depth += 1;
    else if (sign === closing) depth -= 1;
    if (depth === 0) return index + 1;
  }
  return text.length;
}

function endOfDouble(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function endAt(text: string, sign: string, from: number): number {
  const end = text.indexOf(sign, from);
  return end < 0 ? text.length : end;
}
