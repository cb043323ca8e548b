import type { z } from 'zod';
import { findNearest } from '../bytes/nearest.ts';
import type { Finding } from '../errors.ts';
import { describeFinding } from './finding.ts';
import { listKnownKeys } from './json-schema.ts';
import { formatSettingPath, type Problem, quoteValue, type SettingPath } from './problem.ts';
import { findSpot, type Spots } from './spot.ts';

type Issue = z.core.$ZodIssue;

/** Names of zod's types in a sentence. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of names to values',
  record: 'a mapping of names to values',
};

/**
 * Put zod's issue with a value of the settings into findings.
 *
 * @param root path of the value that was judged
 * @param settings all values of the layer
 */
export function describeIssue(
  issue: Issue,
  root: SettingPath,
  settings: unknown,
  spots: Spots,
): readonly Finding[] {
  const path = [...root, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  const found = valueAt(settings, path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => describeUnknownKey([...path, key], spots));
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) => !errors.some(isTypeMismatch));
    if (branch !== undefined) return branch.flatMap((inner) => describeIssue(inner, path, settings, spots));
    const types = issue.errors.flatMap((errors) =>
      errors.filter(isTypeMismatch).map(({ expected }) => expected),
    );
    return [describeType(path, found, types, spots)];
  }
  return [describeSimple(issue, path, found, spots)];
}

/** The finding of a key that the settings do not know, with what it may have meant. */
export function describeUnknownKey(path: SettingPath, spots: Spots): Finding {
  const key = String(path.at(-1));
  const known = listKnownKeys(path.slice(0, -1));
  const near = findNearest(key, known);
  return describeFinding({
    code: 'CONFIG_UNKNOWN_KEY',
    path,
    spot: findSpot(spots, path, 'key'),
    wanted: 'a key that is known here',
    found: key,
    hint:
      near[0] === undefined
        ? `remove it, or use one of ${known.join(', ')}`
        : `did you mean ${near.join(' or ')}?`,
    details: { known, ...(near[0] === undefined ? {} : { suggestion: near[0] }) },
  });
}

function describeSimple(issue: Issue, path: SettingPath, found: unknown, spots: Spots): Finding {
  const spot = findSpot(spots, path);
  if (issue.code === 'custom' && isProblem(issue.params?.problem)) {
    const { problem } = issue.params;
    // a private key pasted in place of a public one stands in no message
    const shown = problem.code === 'CONFIG_BAD_SSH_KEY' ? {} : { found };
    return describeFinding({ ...problem, ...shown, path, spot });
  }
  if (issue.code === 'invalid_type') return describeType(path, found, [issue.expected], spots);
  if (issue.code === 'invalid_value' && found !== undefined && found !== null) {
    const choices = issue.values.map(String);
    const near = typeof found === 'string' ? findNearest(found, choices) : [];
    return describeFinding({
      code: 'CONFIG_BAD_CHOICE',
      path,
      spot,
      wanted: `one of ${choices.join(', ')}`,
      found,
      hint:
        near[0] === undefined ? `write one of ${choices.join(', ')}` : `did you mean ${near.join(' or ')}?`,
      details: { choices, ...(near[0] === undefined ? {} : { suggestion: near[0] }) },
    });
  }
  if (issue.code === 'invalid_value') return describeType(path, found, ['string'], spots);
  if (issue.code === 'too_big' && Array.isArray(found))
    return describeFinding({
      code: 'CONFIG_TOO_MANY',
      path,
      spot,
      wanted: `at most ${issue.maximum} items`,
      found: found.length,
      hint: 'shorten the list',
      details: { limit: Number(issue.maximum), count: found.length },
    });
  if (issue.code === 'too_small') return describeEmpty(path, spots);
  return describeType(path, found, ['int'], spots);
}

function describeType(path: SettingPath, found: unknown, types: readonly string[], spots: Spots): Finding {
  if (found === null) return describeEmpty(path, spots);
  const key = String(path.at(-1));
  if (found === undefined)
    return describeFinding({
      code: 'CONFIG_MISSING_KEY',
      path,
      spot: findSpot(spots, path),
      wanted: `a value for ${key}`,
      hint: `add ${key}: …`,
      details: { key },
    });
  const spot = findSpot(spots, path);
  const scalar = typeof found === 'number' || typeof found === 'boolean';
  const number = typeof found === 'number' && types.includes('int');
  if (scalar && types.includes('string') && !number)
    return describeFinding({
      code: 'CONFIG_UNQUOTED',
      path,
      spot,
      wanted: 'text in quotation marks',
      found,
      hint: 'put quotation marks around the value, so that it stays text',
    });
  const words = [...new Set(types.map((type) => TYPE_WORDS[type] ?? type))];
  const foundType = typeWordOf(found);
  return describeFinding({
    code: 'CONFIG_WRONG_TYPE',
    path,
    spot,
    wanted: words.join(' or '),
    // a text in place of a mapping may be a secret put one level too high
    found: scalar || types.includes('boolean') ? found : `a ${foundType}`,
    hint: `write ${formatSettingPath(path)} as ${words.join(' or ')}`,
    details: { types, foundType },
  });
}

function typeWordOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'mapping' : typeof value === 'string' ? 'text' : typeof value;
}

function describeEmpty(path: SettingPath, spots: Spots): Finding {
  return describeFinding({
    code: 'CONFIG_EMPTY',
    path,
    spot: findSpot(spots, path),
    wanted: 'a value, found none',
    hint: `give ${quoteValue(formatSettingPath(path))} a value or remove the line`,
  });
}

function isTypeMismatch(issue: Issue): issue is Extract<Issue, { code: 'invalid_type' }> {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' && value !== null && 'code' in value && 'wanted' in value && 'hint' in value
  );
}

/** The value at a path of plain mappings and lists; `undefined` where there is none. */
export function valueAt(value: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((inside, step) => {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, step)) return undefined;
    return Reflect.get(inside, step);
  }, value);
}
