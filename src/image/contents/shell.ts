import { expandHere, readPiece, Variables } from './shell-words.ts';

/** One simple command of a script. */
export interface ShellCommand {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Expanded as far as the script alone tells, `UNKNOWN` for the rest. */
  readonly words: readonly string[];
  /** Text of its here-document. */
  readonly here: string | undefined;
  /** File its output goes to. */
  readonly output: string | undefined;
  /** It reads what the command before it writes. */
  readonly piped: boolean;
}

interface Draft {
  line: number;
  words: string[];
  here: string | undefined;
  output: string | undefined;
  piped: boolean;
}

interface HereDocument {
  readonly draft: Draft;
  readonly delimiter: string;
  readonly expands: boolean;
  readonly stripsTabs: boolean;
}

/**
 * Read the commands of a shell script as if each ran once, in the order of the text: enough to see what a script sets,
 * not to run it. Variables are those assigned before in the text. Total: what is no shell gives odd words.
 *
 * @see POSIX.1-2017 XCU §2.2 (quoting), §2.6.2 (parameters), §2.7.4 (here-documents)
 */
export function splitShell(text: string): readonly ShellCommand[] {
  const reader = new ShellReader(text);
  return reader.readAll();
}

class ShellReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #open: Draft | undefined;
  #piped = false;
  #wordEnd = -1;
  readonly #commands: Draft[] = [];
  readonly #pending: HereDocument[] = [];
  readonly #variables = new Variables();

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? '');
    this.#close();
    return this.#commands;
  }

  #step(sign: string): void {
    switch (sign) {
      case ' ':
      case '\t':
      case '\r':
        this.#at += 1;
        return;
      case '\n':
        this.#close();
        this.#at += 1;
        this.#line += 1;
        for (const here of this.#pending.splice(0)) this.#readHere(here);
        return;
      case '#':
        this.#at = this.#find('\n', this.#at);
        return;
      case ';':
      case '&':
      case '|':
      case '(':
      case ')':
        this.#close();
        this.#at += 1;
        this.#piped = sign === '|' && this.#text[this.#at] !== '|' && this.#text[this.#at - 2] !== '|';
        return;
      case '<':
      case '>':
        this.#redirect(sign);
        return;
      case '\\':
        if (this.#text[this.#at + 1] === '\n') {
          this.#at += 2;
          this.#line += 1;
          return;
        }
        this.#takeWord();
        return;
      default:
        this.#takeWord();
    }
  }

  #takeWord(): void {
    this.#draft().words.push(this.#readWord());
    this.#wordEnd = this.#at;
  }

  #draft(): Draft {
    if (this.#open === undefined) {
      const piped = this.#piped;
      this.#open = { line: this.#line, words: [], here: undefined, output: undefined, piped };
      this.#commands.push(this.#open);
      this.#piped = false;
    }
    return this.#open;
  }

  #close(): void {
    const words = this.#open?.words ?? [];
    const assigned = /^(?:local|export|readonly)$/.test(words[0] ?? '') ? words.slice(1) : words;
    if (assigned.every((word) => ASSIGNMENT.test(word))) {
      for (const word of assigned) {
        const equals = word.indexOf('=');
        this.#variables.set(word.slice(0, equals), word.slice(equals + 1));
      }
    }
    this.#open = undefined;
  }

  #redirect(sign: string): void {
    const draft = this.#draft();
    // the number of a file descriptor, 2>file
    if (this.#wordEnd === this.#at && /^[0-9]$/.test(draft.words.at(-1) ?? '')) draft.words.pop();
    if (sign === '<' && this.#text.startsWith('<<', this.#at) && this.#text[this.#at + 2] !== '<') {
      this.#at += 2;
      const stripsTabs = this.#text[this.#at] === '-';
      if (stripsTabs) this.#at += 1;
      this.#skipBlanks();
      const start = this.#at;
      const delimiter = this.#readWord();
      const expands = !/['"\\]/.test(this.#text.slice(start, this.#at));
      this.#pending.push({ draft, delimiter, expands, stripsTabs });
      return;
    }
    while (/[<>&|]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    this.#skipBlanks();
    const target = this.#readWord();
    if (sign === '>') draft.output = target;
  }

  #readHere({ draft, delimiter, expands, stripsTabs }: HereDocument): void {
    const lines: string[] = [];
    while (this.#at < this.#text.length) {
      const end = this.#find('\n', this.#at);
      const whole = this.#text.slice(this.#at, end);
      const line = stripsTabs ? whole.replace(/^\t+/, '') : whole;
      this.#at = end + 1;
      this.#line += 1;
      if (line === delimiter) break;
      lines.push(`${line}\n`);
    }
    const body = lines.join('');
    draft.here = expands ? expandHere(body, this.#variables) : body;
  }

  #readWord(): string {
    const start = this.#at;
    const pieces: string[] = [];
    while (this.#at < this.#text.length) {
      const sign = this.#text[this.#at] ?? '';
      if (/[ \t\r\n;&|()<>]/.test(sign)) break;
      const piece = readPiece(this.#text, this.#at, this.#variables);
      pieces.push(piece.value);
      this.#at = piece.end;
    }
    // a lone sign that begins no word, as in `<;`
    if (this.#at === start) this.#at += this.#text[start] === '\n' ? 0 : 1;
    this.#line += countLines(this.#text.slice(start, this.#at));
    return pieces.join('');
  }

  #skipBlanks(): void {
    while (/[ \t]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #find(sign: string, from: number): number {
    const found = this.#text.indexOf(sign, from);
    return found < 0 ? this.#text.length : found;
  }
}

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
