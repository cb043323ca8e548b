import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { readFixture } from './support.ts';

const schema = configJsonSchema();
const rule: Rule = JSON.parse(JSON.stringify(schema));

interface Rule {
  readonly anyOf?: readonly Rule[];
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly maxItems?: number;
  readonly items?: Rule;
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Rule | boolean;
}

/** Check a value by the few keywords the schema uses: an oracle that knows nothing of zod. */
function isValid(rule: Rule | boolean, value: unknown): boolean {
  if (typeof rule === 'boolean') return rule;
  if (rule.anyOf !== undefined) return rule.anyOf.some((branch) => isValid(branch, value));
  if (rule.enum !== undefined && !rule.enum.includes(value)) return false;
  const { items = true, maxItems = Number.POSITIVE_INFINITY } = rule;
  switch (rule.type) {
    case 'string':
    case 'boolean':
      return typeof value === rule.type;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value) && value.length <= maxItems && value.every((item) => isValid(items, item));
    case 'object':
      return isValidObject(rule, value);
    default:
      throw new Error(`a keyword this check does not know: ${JSON.stringify(rule)}`);
  }
}

function isValidObject(rule: Rule, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { properties = {}, required = [], additionalProperties = true } = rule;
  return (
    required.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, member]) => isValid(properties[key] ?? additionalProperties, member))
  );
}

describe('the JSON Schema for editors', () => {
  it('has a relative id, a title and a description of every key', () => {
    expect(schema).toMatchObject({
      $id: 'mape-image.config.schema.json',
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'mape-image configuration',
      type: 'object',
      additionalProperties: false,
    });
    const described = Object.entries(rule.properties ?? {}).filter(
      ([, member]) => 'description' in member || member.properties !== undefined,
    );
    expect(described.map(([key]) => key)).toEqual(Object.keys(rule.properties ?? {}));
  });

  it('accepts the full example', () => {
    expect(isValid(rule, parse(readFixture('full.yaml')))).toBe(true);
  });

  it.each([
    ['an unknown key', 'hostnam: gate'],
    ['an unknown key inside', 'lan: { adress: x }'],
    ['a number for a text', 'release: 24.10'],
    ['a text for true or false', 'wan: { dhcpv4: "no" }'],
    ['an unknown choice', 'line: dhcp'],
    ['a forward without host', 'forwards: [ { proto: tcp, port: 1 } ]'],
    ['a secret of another shape', 'root: { passwordHash: { path: x } }'],
    ['a text for a list', 'ntp: ntp.nict.jp'],
    ['true in UCI', 'uci: { a: { b: { c: true } } }'],
  ])('refuses %s, as the program does', (_, text) => {
    expect(isValid(rule, parse(text))).toBe(false);
  });
});
