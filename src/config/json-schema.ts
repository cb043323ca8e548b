import { z } from 'zod';
import type { JsonValue } from '../bytes/canonical-json.ts';
import type { SettingPath } from './problem.ts';
import { configSchema } from './schema.ts';

/**
 * JSON Schema (draft 2020-12) of `mape-image.yaml`, for editors: names, types, choices and descriptions.
 *
 * Forms of single values (a host name, a key) are judged by the program alone.
 */
export function configJsonSchema(): JsonValue {
  const schema = z.toJSONSchema(configSchema, { io: 'input' });
  // zod's own value holds nothing but JSON; the round trip says so to the compiler and drops its hidden members
  const value: JsonValue = JSON.parse(JSON.stringify({ $id: 'mape-image.config.schema.json', ...schema }));
  return value;
}

/** Keys that a mapping of the settings may hold at a path; none where any name may stand. */
export function listKnownKeys(path: SettingPath): readonly string[] {
  let nodes: readonly JsonValue[] = [configJsonSchema()];
  for (const step of path) nodes = nodes.flatMap(expand).flatMap((node) => descend(node, step));
  return nodes.flatMap(expand).flatMap((node) => Object.keys(member(node, 'properties') ?? {}));
}

function expand(node: JsonValue): readonly JsonValue[] {
  const branches = member(node, 'anyOf');
  return Array.isArray(branches) ? branches.flatMap(expand) : [node];
}

function descend(node: JsonValue, step: string | number): readonly JsonValue[] {
  const next =
    typeof step === 'number'
      ? member(node, 'items')
      : (member(member(node, 'properties'), step) ?? member(node, 'additionalProperties'));
  return next === undefined ? [] : [next];
}

function member(node: JsonValue | undefined, key: string): JsonValue | undefined {
  if (node === null || typeof node !== 'object') return undefined;
  return Object.entries(node).find(([name]) => name === key)?.[1];
}
