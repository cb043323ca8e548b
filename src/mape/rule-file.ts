import { parseAddress6, parseRulePrefix4, parseRulePrefix6 } from './address.ts';
import { MapeError } from './errors.ts';
import type { Confidence, InterfaceIdForm } from './parameters.ts';
import { checkRule, type Rule } from './rule.ts';

/** Members a rule falls back to: those of its service. */
export interface RuleDefaults {
  readonly service: string;
  readonly psidOffset?: number | undefined;
  readonly psidLength?: number | undefined;
  readonly br?: string | undefined;
  readonly interfaceId?: InterfaceIdForm | undefined;
  readonly confidence?: Confidence | undefined;
  readonly sources?: readonly string[] | undefined;
}

const RULE_KEYS = [
  'ipv6',
  'ipv4',
  'ea',
  'psidOffset',
  'psidLength',
  'psid',
  'br',
  'interfaceId',
  'confidence',
  'sources',
];
const CONFIDENCES: readonly Confidence[] = ['confirmed', 'agreed', 'single-source', 'predicted', 'user'];
const FORMS: readonly InterfaceIdForm[] = ['draft-03', 'rfc7597'];

/**
 * Read one rule as it stands in `profiles/services/*.yaml` or in a file of the user's:
 * `{ ipv6: 240b:10::/31, ipv4: 106.72.0.0/15, ea: 25, psidOffset: 4, br: 2404:9200:225:100::64 }`.
 *
 * @throws MapeError RULE_INVALID
 */
export function parseRule(raw: unknown, defaults: RuleDefaults): Rule {
  const row = readRecord(raw, RULE_KEYS, 'a rule');
  const ipv4 = parseRulePrefix4(readText(row, 'ipv4'));
  const eaLength = readInteger(row, 'ea');
  const embedded = Math.max(0, eaLength - (32 - ipv4.bits));
  return checkRule({
    service: defaults.service,
    ipv6: parseRulePrefix6(readText(row, 'ipv6')),
    ipv4,
    eaLength,
    psidOffset: readInteger(row, 'psidOffset', defaults.psidOffset),
    psidLength: readInteger(row, 'psidLength', defaults.psidLength ?? embedded),
    psid: row.psid === undefined ? undefined : readInteger(row, 'psid'),
    br: parseBr(readText(row, 'br', defaults.br)),
    interfaceIdForm: readOneOf(row, 'interfaceId', FORMS, defaults.interfaceId),
    confidence: readOneOf(row, 'confidence', CONFIDENCES, defaults.confidence),
    sources: row.sources === undefined ? (defaults.sources ?? []) : readTexts(row, 'sources'),
  });
}

/**
 * Read the rules of a user's own file: `{ rules: [ … ] }` or a single rule. The interface identifier is the draft's
 * (`draft-03`, what Japanese services use) unless `interfaceId: rfc7597` says otherwise.
 *
 * @throws MapeError RULE_INVALID
 */
export function parseUserRules(raw: unknown): readonly Rule[] {
  const rows = isRecord(raw) && 'rules' in raw ? readRecord(raw, ['rules'], 'a rule file').rules : [raw];
  if (!Array.isArray(rows) || rows.length === 0)
    throw invalid('rules', rows, 'a list with at least one rule');
  const defaults = {
    service: 'user',
    interfaceId: 'draft-03',
    confidence: 'user',
    sources: ['user'],
  } as const;
  return rows.map((row) => parseRule(row, defaults));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with no keys but these. @throws MapeError RULE_INVALID */
export function readRecord(raw: unknown, keys: readonly string[], what: string): Record<string, unknown> {
  if (!isRecord(raw)) throw invalid(what, raw, `an object with ${keys.join(', ')}`);
  const unknown = Object.keys(raw).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw invalid(what, unknown, `one of the keys ${keys.join(', ')}`);
  return raw;
}

export function readText(row: Record<string, unknown>, key: string, fallback?: string): string {
  const value = row[key] ?? fallback;
  if (typeof value !== 'string' || value === '') throw invalid(key, value, 'a text');
  return value;
}

export function readTexts(row: Record<string, unknown>, key: string): readonly string[] {
  const value = row[key];
  if (!Array.isArray(value)) throw invalid(key, value, 'a list of texts');
  return value.map((text: unknown) => {
    if (typeof text !== 'string') throw invalid(key, text, 'a list of texts');
    return text;
  });
}

export function readInteger(row: Record<string, unknown>, key: string, fallback?: number): number {
  const value = row[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalid(key, value, 'a whole number');
  return value;
}

export function readOneOf<T extends string>(
  row: Record<string, unknown>,
  key: string,
  allowed: readonly T[],
  fallback?: T,
): T {
  const value = row[key] ?? fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(key, value, `one of ${allowed.join(', ')}`);
  return found;
}

function parseBr(text: string): bigint {
  const address = parseAddress6(text);
  if (address === undefined) throw invalid('br', text, 'the IPv6 address of the border relay');
  return address;
}

function invalid(key: string, value: unknown, wanted: string): MapeError {
  const shown = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);
  return new MapeError('RULE_INVALID', {
    message: `${key}: found ${shown}, wanted ${wanted}`,
    hint: 'a rule looks like { ipv6: 240b:10::/31, ipv4: 106.72.0.0/15, ea: 25, psidOffset: 4, br: 2404:9200:225:100::64 }',
    details: { key, value: shown, wanted },
  });
}
