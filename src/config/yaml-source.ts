import { Lexer, LineCounter, Parser, parseDocument, type YAMLError } from 'yaml';
import type { Finding, Place } from '../errors.ts';
import { describeFinding } from './finding.ts';
import { spotOfPlace } from './spot.ts';
import { convertYamlValues, type YamlValues } from './yaml-values.ts';

const MAX_TEXT_BYTES = 256 * 1024;
/** The settings have seven levels; the composer behind this parser ends the whole process at some ten thousands. */
const MAX_DEPTH = 32;
const MAX_SYNTAX_ERRORS = 20;

/**
 * Read a YAML 1.2 text into plain values with the spot of each, all mistakes of form at once.
 *
 * `value` is `undefined` where the text cannot be read at all, `null` where it holds nothing.
 *
 * @see YAML 1.2.2 §10.3 (core schema)
 */
export function parseYamlSource(text: string, file: string): YamlValues {
  const start: Place = { file, line: 1, column: 1 };
  const sizeBytes = new TextEncoder().encode(text).length;
  if (sizeBytes > MAX_TEXT_BYTES) return unreadable([describeTooLarge(sizeBytes, start)]);
  const deepOffset = findTooDeep(text);
  if (deepOffset !== undefined) return unreadable([describeTooDeep(placeAtOffset(text, file, deepOffset))]);

  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // judged with the keys as read, where 5 and "5" are one
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_ERRORS);
  if (errors.length > 0)
    return unreadable(errors.map((error) => describeYamlError(error, placeAt(error.pos[0]))));
  return convertYamlValues(document, placeAt);
}

function unreadable(findings: readonly Finding[]): YamlValues {
  return { value: undefined, spots: new Map(), findings };
}

/** Offset at which the nesting gets too deep, found without recursion. */
function findTooDeep(text: string): number | undefined {
  const parser = new Parser();
  for (const token of new Lexer().lex(text)) {
    for (const _ of parser.next(token));
    // a flow collection has one token a level, a block one up to two
    if (parser.stack.length > 2 * MAX_DEPTH) return parser.offset;
  }
  return undefined;
}

function placeAtOffset(text: string, file: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function describeTooLarge(sizeBytes: number, place: Place): Finding {
  return describeFinding({
    code: 'CONFIG_TOO_LARGE',
    path: [],
    spot: spotOfPlace(place),
    wanted: `at most ${MAX_TEXT_BYTES} bytes`,
    found: sizeBytes,
    hint: 'keep files of your own beside the settings and name them under files',
    details: { limitBytes: MAX_TEXT_BYTES },
  });
}

function describeTooDeep(place: Place): Finding {
  return describeFinding({
    code: 'CONFIG_TOO_DEEP',
    path: [],
    spot: spotOfPlace(place),
    wanted: `at most ${MAX_DEPTH} levels`,
    hint: 'look for brackets and dashes that belong elsewhere',
    details: { limit: MAX_DEPTH },
  });
}

/** Sentences for what people get wrong; the parser's own sentences may quote the text, and with it a secret. */
const SYNTAX: Readonly<Record<string, readonly [problem: string, wanted: string, hint: string]>> = {
  BAD_INDENT: [
    'indent',
    'lines of one level indented alike, and brackets closed',
    'align the line with its neighbours, close [ and {',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'colon',
    'one "name: value" a line',
    'put quotation marks around a value that holds a colon and a blank',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'colon',
    '"name: value" on one line',
    'add the colon, or close the quotation marks',
  ],
  MISSING_CHAR: [
    'missing',
    'quotation marks and brackets closed, and a colon behind each name',
    'close what is open; write name: value',
  ],
  BAD_DQ_ESCAPE: [
    'escape',
    'escapes of YAML inside "…"',
    "write '…' instead, where a backslash is a backslash",
  ],
  BAD_SCALAR_START: [
    'start',
    'a value that starts with no sign of YAML',
    'put quotation marks around the value',
  ],
  MULTIPLE_DOCS: ['documents', 'one document', 'remove the line ---'],
  TAG_RESOLVE_FAILED: [
    'tag',
    'plain values',
    'remove the word with ! before the value, or put the value in quotation marks',
  ],
  BAD_ALIAS: ['alias', 'a name behind * or &', 'put quotation marks around a value that starts with * or &'],
  UNEXPECTED_TOKEN: [
    'unexpected',
    'name: value',
    'look at the signs at this place; put quotation marks around the value',
  ],
};

function describeYamlError(error: YAMLError, place: Place): Finding {
  const common = { path: [], spot: spotOfPlace(place) };
  if (error.code === 'TAB_AS_INDENT')
    return describeFinding({
      ...common,
      code: 'CONFIG_TAB',
      wanted: 'blanks at the start of a line, found a tab',
      hint: 'replace the tab by two blanks',
    });
  const [problem, wanted, hint] = SYNTAX[error.code] ?? [
    error.code.toLowerCase(),
    'YAML',
    'look at this line and the one before it',
  ];
  return describeFinding({ ...common, code: 'CONFIG_SYNTAX', wanted, hint, details: { problem } });
}
