import { Address4 } from 'ip-address';
import { containsAddress6, formatAddress4, formatAddress6, parseAddress6 } from '../../mape/address.ts';
import { findRange } from '../../mape/lookup.ts';
import type { Rule } from '../../mape/rule.ts';
import type { ServiceTable } from '../../mape/service.ts';
import type { MapeSettings, MapOption } from './mape-settings.ts';

/** Where settings and the rule of a service say different things. */
export interface OptionDifference {
  readonly option: MapOption;
  /** What the rule asks for. */
  readonly wanted: string;
  /** `null`: the settings do not say it. */
  readonly found: string | null;
}

/** Which service settings are for. */
export type ImpliedService =
  /** A rule of a service, with what differs from it. */
  | { readonly kind: 'rule'; readonly service: string; readonly differences: readonly OptionDifference[] }
  /** No rule known, but the relay or the range of prefixes is that of a service. */
  | { readonly kind: 'relay' | 'range'; readonly service: string }
  | { readonly kind: 'unknown' };

/**
 * The service MAP-E settings are made for: the rule whose IPv6 prefix they name, else the service whose relay or range
 * they do.
 */
export function findImpliedService(table: ServiceTable, { options }: MapeSettings): ImpliedService {
  const prefix = parseAddress6(options.ip6prefix ?? '');
  const relay = parseAddress6(options.peeraddr ?? '');
  if (prefix !== undefined) {
    const service = findRange(table.services, prefix);
    const rules = (service?.rules ?? []).filter(({ ipv6 }) => containsAddress6(ipv6, prefix));
    const longest = rules.sort((a, b) => b.ipv6.bits - a.ipv6.bits)[0];
    if (service !== undefined && longest !== undefined)
      return { kind: 'rule', service: service.id, differences: compareWithRule(longest, options) };
    if (service !== undefined) return { kind: 'range', service: service.id };
  }
  const owner = table.services.find(({ rules }) => rules.some(({ br }) => br === relay));
  return owner === undefined ? { kind: 'unknown' } : { kind: 'relay', service: owner.id };
}

function compareWithRule(rule: Rule, options: MapeSettings['options']): readonly OptionDifference[] {
  return listRuleOptions(rule).flatMap(([option, wanted, fallback]): OptionDifference[] => {
    const found = options[option] ?? null;
    const compared = found ?? fallback;
    return compared !== null && isSame(compared, wanted) ? [] : [{ option, wanted, found }];
  });
}

/** What a rule asks for, and what `map` takes where nothing is said; `null`: it would guess. */
function listRuleOptions(
  rule: Rule,
): readonly (readonly [option: MapOption, wanted: string, fallback: string | null])[] {
  const fixedPsid = rule.eaLength === 0 && rule.psidLength > 0;
  return [
    ['peeraddr', formatAddress6(rule.br), null],
    ['ipaddr', formatAddress4(rule.ipv4.address), null],
    ['ip4prefixlen', String(rule.ipv4.bits), '32'],
    ['ip6prefix', formatAddress6(rule.ipv6.address), null],
    ['ip6prefixlen', String(rule.ipv6.bits), null],
    // mapcalc refuses fewer EA bits than PSID bits, even where the PSID is given
    ['ealen', String(fixedPsid ? rule.psidLength : rule.eaLength), null],
    ['psidlen', String(rule.psidLength), null],
    ['offset', String(rule.psidOffset), null],
    ['legacymap', rule.interfaceIdForm === 'draft-03' ? '1' : '0', '0'],
  ];
}

function isSame(found: string, wanted: string): boolean {
  if (found === wanted) return true;
  const [a, b] = [parseAddress6(found), parseAddress6(wanted)];
  if (a !== undefined && b !== undefined) return a === b;
  if (Address4.isValid(found) || Address4.isValid(wanted)) return false;
  return /^[0-9]{1,5}$/.test(found) && Number(found) === Number(wanted);
}
