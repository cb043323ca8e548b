/** What ends a walk over a text before its end. */
export type WordsProblem = 'nul' | 'quotes';

/** One line of UCI text, or several where quotes or a backslash join them. */
export interface UciStatement {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly words: readonly string[];
}

/**
 * Split UCI text into the words of its statements; lines without one are left out.
 *
 * Pieces in single quotes, in double quotes and bare ones join to one word; a backslash takes the sign behind it as it
 * is, but in single quotes; a line end inside quotes belongs to the word. `#` outside quotes begins a comment. Behind a
 * `;` the line is lost, which is what uci does with it.
 *
 * @throws whatever `fail` throws: for quotes without an end, and for a NUL, at which uci would stop
 * @see openwrt/uci file.c (parse_single_quote, parse_double_quote, parse_backslash, parse_str, next_arg)
 */
export function* splitUci(
  text: string,
  fail: (line: number, problem: WordsProblem) => Error,
): Generator<UciStatement> {
  let at = 0;
  let line = 1;
  const nul = text.indexOf('\0');
  if (nul >= 0) throw fail(countLines(text, nul), 'nul');
  while (at < text.length) {
    const start = line;
    const words: string[] = [];
    let word: string | undefined;
    const close = () => {
      if (word !== undefined) words.push(word);
      word = undefined;
    };
    while (at < text.length && text[at] !== '\n') {
      const sign = text[at] ?? '';
      if (sign === '#' || sign === ';') {
        at = endOfLine(text, at);
      } else if (sign === "'" || sign === '"') {
        const quoted = readQuoted(text, at);
        if (quoted === undefined) throw fail(start, 'quotes');
        word = (word ?? '') + quoted.value;
        line += quoted.lines;
        at = quoted.end;
      } else if (sign === '\\') {
        if (text[at + 1] === '\n') line += 1;
        else word = (word ?? '') + (text[at + 1] ?? '');
        at += 2;
      } else if (/[ \t\r\f\v]/.test(sign)) {
        close();
        at += 1;
      } else {
        const end = at + (/^[^'"#;\\ \t\r\f\v\n]+/.exec(text.slice(at, at + 4096))?.[0].length ?? 1);
        word = (word ?? '') + text.slice(at, end);
        at = end;
      }
    }
    close();
    if (words.length > 0) yield { line: start, words };
    at += 1;
    line += 1;
  }
}

function readQuoted(
  text: string,
  start: number,
): { readonly value: string; readonly end: number; readonly lines: number } | undefined {
  const quote = text[start];
  const pieces: string[] = [];
  let lines = 0;
  const stop = quote === "'" ? /['\n]/g : /["\\\n]/g;
  for (let at = start + 1; ; ) {
    stop.lastIndex = at;
    const match = stop.exec(text);
    if (match === null) return undefined;
    pieces.push(text.slice(at, match.index));
    const [sign] = match;
    if (sign === quote) return { value: pieces.join(''), end: match.index + 1, lines };
    at = match.index + 1;
    if (sign === '\\') {
      const next = text[at];
      if (next === undefined) return undefined;
      if (next === '\n') lines += 1;
      else pieces.push(next);
      at += 1;
    } else {
      pieces.push('\n');
      lines += 1;
    }
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function countLines(text: string, end: number): number {
  return text.slice(0, end).split('\n').length;
}
