import { type Prefix6, parseRulePrefix6 } from './address.ts';
import { MapeError } from './errors.ts';
import { endUserPrefixBits, type Rule } from './rule.ts';
import { parseRule, readInteger, readOneOf, readRecord, readText, readTexts } from './rule-file.ts';
import type { Disagreement, MapeService, OtherService, RuleSource, ServiceTable } from './service.ts';

const SERVICE_KEYS = [
  'id',
  'name',
  'kind',
  'operator',
  'ranges',
  'endUserPrefixLength',
  'psidOffset',
  'psidLength',
  'br',
  'interfaceId',
  'disagreements',
  'rules',
];

/** The contents of `profiles/services/`: each file as it comes out of a YAML parser. */
export interface ServiceFiles {
  readonly sources: unknown;
  readonly services: readonly unknown[];
  readonly notMapE: unknown;
}

/**
 * Read the service files into the table the calculator works on; the rules of a service when they are first asked for.
 *
 * @throws MapeError RULE_INVALID, also for a source that is not listed
 */
export function parseServiceTable(files: ServiceFiles): ServiceTable {
  const sources = parseSources(files.sources);
  const services = files.services.map((raw) => parseService(raw, sources));
  const others = readList(readRecord(files.notMapE, ['services'], 'not-map-e'), 'services').map(parseOther);
  return { sources, services, others };
}

function parseSources(raw: unknown): ReadonlyMap<string, RuleSource> {
  const all = readRecord(raw, ['sources'], 'sources').sources;
  const entries = Object.entries(readRecord(all, Object.keys(Object(all)), 'sources'));
  return new Map(
    entries.map(([id, value]) => {
      const row = readRecord(value, ['title', 'url', 'date'], id);
      return [id, { title: readText(row, 'title'), url: readText(row, 'url'), date: readText(row, 'date') }];
    }),
  );
}

function parseService(raw: unknown, sources: ReadonlyMap<string, RuleSource>): MapeService {
  const row = readRecord(raw, SERVICE_KEYS, 'a service');
  const id = readText(row, 'id');
  const defaults = {
    service: id,
    psidOffset: readInteger(row, 'psidOffset'),
    psidLength: readInteger(row, 'psidLength'),
    br: row.br === undefined ? undefined : readText(row, 'br'),
    interfaceId: readOneOf(row, 'interfaceId', ['draft-03', 'rfc7597'] as const),
  };
  const endUserBits = readInteger(row, 'endUserPrefixLength');
  const rows = readList(row, 'rules');
  let rules: readonly Rule[] | undefined;
  return {
    id,
    name: readText(row, 'name'),
    kind: 'map-e',
    operator: readText(row, 'operator'),
    ranges: readPrefixes(row, 'ranges'),
    disagreements: readList(row, 'disagreements').map(parseDisagreement),
    // Most runs ask about one prefix: the rules of the services it does not belong to are never read.
    get rules() {
      rules ??= rows.map((rule) => checkServiceRule(parseRule(rule, defaults), endUserBits, sources));
      return rules;
    },
  };
}

function checkServiceRule(rule: Rule, endUserBits: number, sources: ReadonlyMap<string, RuleSource>): Rule {
  const missing = rule.sources.find((source) => !sources.has(source));
  if (missing !== undefined) throw contradiction(rule.service, `source ${missing} is not listed`);
  if (endUserPrefixBits(rule) !== endUserBits)
    throw contradiction(rule.service, `a rule does not end at /${endUserBits}`);
  return rule;
}

function parseDisagreement(raw: unknown): Disagreement {
  const row = readRecord(raw, ['code', 'applies', 'confidence', 'text', 'resolution'], 'a disagreement');
  return {
    code: readText(row, 'code'),
    text: readText(row, 'text'),
    resolution: readText(row, 'resolution'),
    ...(row.applies === undefined ? {} : { applies: readPrefixes(row, 'applies') }),
    ...(row.confidence === undefined
      ? {}
      : { confidence: readOneOf(row, 'confidence', ['single-source', 'predicted'] as const) }),
  };
}

function parseOther(raw: unknown): OtherService {
  const row = readRecord(raw, ['id', 'name', 'kind', 'ranges', 'gateway', 'what', 'advice'], 'a service');
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    kind: readOneOf(row, 'kind', ['ds-lite', 'ipip', 'ngn-only'] as const),
    ranges: readPrefixes(row, 'ranges'),
    what: readText(row, 'what'),
    advice: readText(row, 'advice'),
  };
}

function readPrefixes(row: Record<string, unknown>, key: string): readonly Prefix6[] {
  return readTexts(row, key).map(parseRulePrefix6);
}

function readList(row: Record<string, unknown>, key: string): readonly unknown[] {
  const value = row[key];
  if (!Array.isArray(value)) throw contradiction(key, 'wanted a list');
  return value;
}

function contradiction(where: string, problem: string): MapeError {
  return new MapeError('RULE_INVALID', { message: `${where}: ${problem}`, details: { where, problem } });
}
