import { containsAddress6, maskAddress6, type Prefix6 } from './address.ts';
import { computeMape, tooShort } from './calculate.ts';
import { MapeError } from './errors.ts';
import { type PrefixInput, parsePrefixInput } from './input.ts';
import type { MapeParameters, MapeWarning } from './parameters.ts';
import type { Rule } from './rule.ts';
import type { MapeService, OtherService, ServiceTable } from './service.ts';

/** Every Japanese MAP-E service gives its subscribers a /56: in every published rule prefix and EA bits end there. */
export const SUBSCRIBER_PREFIX_BITS = 56;

export interface CalculateOptions {
  /** Id of a service whose rules alone are looked at. */
  readonly service?: string | undefined;
  /** Rules of the user's own: looked at first. */
  readonly rules?: readonly Rule[] | undefined;
}

/** Computes parameters of a prefix as a person wrote it. @throws MapeError PREFIX_… */
export type Calculator = (text: string) => MapeParameters;

/**
 * Make a calculator over a table; rules are indexed once, so that many prefixes are quick.
 *
 * @throws MapeError SERVICE_UNKNOWN, SERVICE_NOT_MAP_E
 */
export function makeCalculator(table: ServiceTable, options: CalculateOptions = {}): Calculator {
  const userRules = options.rules === undefined ? undefined : indexRules(options.rules);
  const services = options.service === undefined ? table.services : [findService(table, options.service)];
  const indexes = new Map<string, ReturnType<typeof indexRules>>();
  return (text) => {
    const input = parsePrefixInput(text);
    const userRule = userRules?.(input.address);
    if (userRule !== undefined) return computeMape(userRule, input);
    if (userRules !== undefined && options.service === undefined) throw outsideUserRules(text);
    const other = options.service === undefined ? findOther(table, input) : undefined;
    if (input.bits < SUBSCRIBER_PREFIX_BITS) throw tooShort(input.bits, SUBSCRIBER_PREFIX_BITS, null);
    if (other !== undefined) throw notMapE(other);
    const service = findRange(services, input.address);
    if (service !== undefined) {
      const find = indexes.get(service.id) ?? indexRules(service.rules);
      indexes.set(service.id, find);
      const rule = find(input.address);
      if (rule !== undefined) return computeMape(rule, input, warnOfRule(service, rule, input));
    }
    throw noRule(table, input, options.service);
  };
}

/** The service and rule of a prefix, for those who compute nothing. */
export function findRange<T extends { readonly ranges: readonly Prefix6[] }>(
  services: readonly T[],
  address: bigint,
): T | undefined {
  return services.find((service) => service.ranges.some((range) => containsAddress6(range, address)));
}

/** Longest match over rules: one map a prefix length. */
function indexRules(rules: readonly Rule[]): (address: bigint) => Rule | undefined {
  const byLength = new Map<number, Map<bigint, Rule>>();
  for (const rule of rules) {
    const rows = byLength.get(rule.ipv6.bits) ?? new Map<bigint, Rule>();
    rows.set(rule.ipv6.address, rule);
    byLength.set(rule.ipv6.bits, rows);
  }
  const lengths = [...byLength].sort(([a], [b]) => b - a);
  return (address) => {
    for (const [bits, rows] of lengths) {
      const rule = rows.get(maskAddress6(address, bits));
      if (rule !== undefined) return rule;
    }
    return undefined;
  };
}

function findService(table: ServiceTable, id: string): MapeService {
  const service = table.services.find((candidate) => candidate.id === id);
  if (service !== undefined) return service;
  const known = table.services.map((candidate) => candidate.id);
  const other = table.others.find((candidate) => candidate.id === id);
  if (other !== undefined) {
    throw new MapeError('SERVICE_NOT_MAP_E', {
      message: `${other.name} is not MAP-E: it is ${other.what}`,
      hint: other.advice,
      details: { service: id, name: other.name },
      service: id,
    });
  }
  throw new MapeError('SERVICE_UNKNOWN', {
    message: `no service is called ${JSON.stringify(id)}`,
    hint: `services with known rules: ${known.join(', ')}`,
    details: { service: id, known },
  });
}

function findOther(table: ServiceTable, input: PrefixInput): OtherService | undefined {
  return findRange(table.others, input.address);
}

function warnOfRule(service: MapeService, rule: Rule, input: PrefixInput): MapeWarning[] {
  return service.disagreements
    .filter(
      ({ applies, confidence }) =>
        (confidence === undefined || confidence === rule.confidence) &&
        (applies === undefined || applies.some((prefix) => containsAddress6(prefix, input.address))),
    )
    .map(({ code, text, resolution }) => ({ code, message: text, hint: resolution }));
}

function notMapE(other: OtherService): MapeError {
  const ngn = other.kind === 'ngn-only';
  return new MapeError(ngn ? 'PREFIX_NO_INTERNET' : 'PREFIX_NOT_MAP_E', {
    message: `this prefix belongs to ${other.name}: ${other.what}, not MAP-E`,
    hint: other.advice,
    details: { service: other.id, name: other.name },
    service: other.id,
  });
}

function noRule(table: ServiceTable, input: PrefixInput, forced: string | undefined): MapeError {
  const owner = findRange(table.services, input.address);
  if (forced !== undefined && owner?.id !== forced) {
    return new MapeError('PREFIX_NO_RULE', {
      message: `no rule of ${forced} covers this prefix${owner === undefined ? '' : `: it lies in the range of ${owner.name}`}`,
      hint:
        owner === undefined
          ? 'leave --service out to see what the line is'
          : `leave --service out, or say --service ${owner.id}`,
      details: { reason: 'forced', service: forced, owner: owner?.id ?? '' },
      service: owner?.id ?? null,
    });
  }
  if (owner !== undefined) {
    return new MapeError('PREFIX_NO_RULE', {
      message: `the prefix belongs to ${owner.name}, but its rule is unknown to this version`,
      hint: 'give the rule with --rule FILE if your line came with one, or look for a newer version: operators add rules',
      details: { reason: 'unknown-rule', service: owner.id, name: owner.name },
      service: owner.id,
    });
  }
  const special = SPECIAL_RANGES.find(({ prefix }) => containsAddress6(prefix, input.address));
  return new MapeError('PREFIX_NO_RULE', {
    message:
      special === undefined
        ? 'no known Japanese MAP-E service uses this prefix'
        : `${special.what} is not the prefix of an internet line`,
    hint:
      special === undefined
        ? 'check that it is the prefix of the WAN side; a line with its own IPv4 address needs no MAP-E, another service may need --rule FILE'
        : "look on the router's WAN side for a global prefix, which starts with 2",
    details: { reason: special === undefined ? 'unknown-range' : special.id },
  });
}

function outsideUserRules(text: string): MapeError {
  return new MapeError('PREFIX_NO_RULE', {
    message: `none of your own rules covers ${JSON.stringify(text.trim())}`,
    hint: 'correct the file given with --rule, or leave it out to use the built-in rules',
    details: { reason: 'outside-user-rules', value: text.trim() },
  });
}

// RFC 4291 §2.5.2, §2.5.3, §2.5.5.2, §2.5.6; RFC 4193 §3.1; RFC 3849 §2
const SPECIAL_RANGES: readonly { readonly id: string; readonly what: string; readonly prefix: Prefix6 }[] = [
  { id: 'unspecified', what: 'the unspecified address', prefix: { address: 0n, bits: 128 } },
  { id: 'loopback', what: 'the loopback address', prefix: { address: 1n, bits: 128 } },
  { id: 'ipv4-mapped', what: 'an IPv4-mapped address', prefix: { address: 0xffffn << 32n, bits: 96 } },
  {
    id: 'unique-local',
    what: 'a unique local address (fc00::/7)',
    prefix: { address: 0xfcn << 120n, bits: 7 },
  },
  {
    id: 'link-local',
    what: 'a link-local address (fe80::/10)',
    prefix: { address: 0xfe80n << 112n, bits: 10 },
  },
  {
    id: 'documentation',
    what: 'a documentation prefix (2001:db8::/32)',
    prefix: { address: 0x20010db8n << 96n, bits: 32 },
  },
];
