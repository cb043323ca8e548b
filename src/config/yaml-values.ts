import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Scalar } from 'yaml';
import type { Finding, Place } from '../errors.ts';
import { describeFinding } from './finding.ts';
import { formatSettingPath, isOneLine, isSecretPath, quoteValue, type SettingPath } from './problem.ts';
import { type Spot, spotOfPlace } from './spot.ts';

/** Values once aliases are followed: a file within the size limit holds fewer, a bomb of aliases more. */
const MAX_VALUES = 50_000;

export interface YamlValues {
  readonly value: unknown;
  readonly spots: ReadonlyMap<string, { readonly value: Spot; readonly key?: Spot }>;
  readonly findings: readonly Finding[];
}

/**
 * Turn a parsed document into plain values, with the spot of each.
 *
 * Mappings have no prototype. A number must stand as it would be printed, since `24.10` is the number 24.1 and `0644` the
 * number 644. What breaks this is left out and found.
 */
export function convertYamlValues(document: Document, placeAt: (offset: number) => Place): YamlValues {
  const spots = new Map<string, { value: Spot; key?: Spot }>();
  const findings: Finding[] = [];
  let count = 0;

  const spotOf = (node: unknown, around: Spot): Spot => {
    const offset = isNode(node) ? node.range?.[0] : undefined;
    return offset === undefined ? around : spotOfPlace(placeAt(offset));
  };

  const convert = (node: unknown, path: SettingPath, spot: Spot, around: readonly unknown[]): unknown => {
    count += 1;
    const name = formatSettingPath(path);
    const key = spots.get(name)?.key;
    spots.set(name, { value: spot, ...(key === undefined ? {} : { key }) });
    if (count > MAX_VALUES) return undefined;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined && !around.includes(target)) return convert(target, path, spot, around);
      findings.push(
        describeFinding({
          code: 'CONFIG_SYNTAX',
          path,
          spot,
          wanted: 'an alias of an anchor that stands before it and not around it',
          found: `*${node.source}`,
          hint: 'write the value itself',
          details: { problem: 'alias' },
        }),
      );
      return undefined;
    }
    if (isScalar(node)) return convertScalar(node, path, spot);
    if (isSeq(node))
      return node.items.map((item, index) =>
        convert(item, [...path, index], spotOf(item, spot), [...around, node]),
      );
    if (isMap(node)) {
      const mapping: Record<string, unknown> = Object.create(null);
      for (const pair of node.items) {
        const keySpot = spotOf(pair.key, spot);
        const key = readKey(pair.key, path, keySpot, mapping);
        if (key === undefined) continue;
        const inner = [...path, key];
        spots.set(formatSettingPath(inner), { value: keySpot, key: keySpot });
        mapping[key] = convert(pair.value, inner, spotOf(pair.value, keySpot), [...around, node]);
      }
      return mapping;
    }
    return null;
  };

  const readKey = (node: unknown, path: SettingPath, spot: Spot, mapping: object): string | undefined => {
    const key = isScalar(node) ? (typeof node.value === 'string' ? node.value : node.source) : undefined;
    const init = { path, spot, found: key };
    if (key === undefined || key === '' || key === '__proto__' || !isOneLine(key))
      findings.push(
        describeFinding({
          ...init,
          code: 'CONFIG_SYNTAX',
          wanted: 'a name as key',
          hint: 'write name: value',
          details: { problem: 'key' },
        }),
      );
    else if (Object.hasOwn(mapping, key))
      findings.push(
        describeFinding({
          ...init,
          code: 'CONFIG_DUPLICATE_KEY',
          wanted: 'each key once',
          hint: 'join the two or remove one',
          details: { key },
        }),
      );
    else return key;
    return undefined;
  };

  const convertScalar = ({ value, source = '', type }: Scalar, path: SettingPath, spot: Spot): unknown => {
    if (typeof value === 'number' && String(value) !== source) {
      const secret = isSecretPath(formatSettingPath(path));
      findings.push(
        describeFinding({
          code: 'CONFIG_UNQUOTED',
          path,
          spot,
          wanted: 'quotation marks around a number that would not stay as written',
          ...(secret ? {} : { found: source, details: { readAs: String(value) } }),
          hint: secret
            ? 'put quotation marks around it'
            : `write ${quoteValue(source)}; without them it is read as ${value}`,
        }),
      );
      return undefined;
    }
    if (typeof value !== 'string') return value;
    if (type === 'PLAIN' && /^(?:yes|no|on|off|y|n)$/i.test(value) && path[0] !== 'uci')
      findings.push(
        describeFinding({
          severity: 'warning',
          code: 'CONFIG_LOOKS_BOOLEAN',
          path,
          spot,
          wanted: 'quotation marks around a text that older YAML reads as true or false',
          found: value,
          hint: `write ${quoteValue(value)}`,
        }),
      );
    return value;
  };

  const value = convert(document.contents, [], spotOf(document.contents, spotOfPlace(placeAt(0))), []);
  if (count > MAX_VALUES)
    findings.push(
      describeFinding({
        code: 'CONFIG_TOO_MANY',
        path: [],
        spot: spotOfPlace(placeAt(0)),
        wanted: `at most ${MAX_VALUES} values, aliases followed`,
        hint: 'write values out instead of nesting aliases',
        details: { limit: MAX_VALUES },
      }),
    );
  return { value: count > MAX_VALUES ? undefined : value, spots, findings };
}
