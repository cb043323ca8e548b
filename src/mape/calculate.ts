import { formatAddress4, formatAddress6, formatPrefix4, formatPrefix6, maskAddress6 } from './address.ts';
import { MapeError } from './errors.ts';
import type { PrefixInput } from './input.ts';
import type { InterfaceIdForm, MapeParameters, MapeWarning } from './parameters.ts';
import { computePortRanges, countPorts } from './ports.ts';
import { endUserPrefixBits, type Rule } from './rule.ts';

/**
 * The MAP-E parameters of a subscriber under a rule that covers the prefix.
 *
 * @param warnings what is already known of the rule, put before what the prefix itself gives rise to
 * @throws MapeError PREFIX_TOO_SHORT where the prefix is shorter than rule prefix and EA bits together
 * @see RFC 7597 §5.2 (address and PSID), §6 (interface identifier)
 */
export function computeMape(
  rule: Rule,
  input: PrefixInput,
  warnings: readonly MapeWarning[] = [],
): MapeParameters {
  const endUserBits = endUserPrefixBits(rule);
  if (input.bits < endUserBits) throw tooShort(input.bits, endUserBits, rule.service);
  const endUser = maskAddress6(input.address, endUserBits);
  // RFC 7597 §5.2: the EA bits stand right behind the rule's IPv6 prefix: IPv4 suffix, then PSID.
  const ea = Number((endUser >> BigInt(128 - endUserBits)) & ((1n << BigInt(rule.eaLength)) - 1n));
  const psidSpace = 2 ** (rule.eaLength === 0 ? 0 : rule.psidLength);
  const psid = rule.psid ?? ea % psidSpace;
  const ipv4 = rule.ipv4.address + Math.floor(ea / psidSpace);
  const portRanges = computePortRanges(rule, psid);
  return {
    service: rule.service,
    endUserPrefix: formatPrefix6({ address: endUser, bits: endUserBits }),
    ipv4Address: formatAddress4(ipv4),
    psid,
    psidLength: rule.psidLength,
    psidOffset: rule.psidOffset,
    eaLength: rule.eaLength,
    ruleIpv6Prefix: formatPrefix6(rule.ipv6),
    ruleIpv4Prefix: formatPrefix4(rule.ipv4),
    br: formatAddress6(rule.br),
    ceIpv6Address: formatAddress6(endUser | computeInterfaceId(rule.interfaceIdForm, ipv4, psid)),
    ceIpv6AddressRfc7597: formatAddress6(endUser | computeInterfaceId('rfc7597', ipv4, psid)),
    interfaceIdForm: rule.interfaceIdForm,
    portCount: countPorts(portRanges),
    portRanges,
    confidence: rule.confidence,
    sources: rule.sources,
    warnings: [...warnings, ...warnSubnetBits(input, endUserBits)],
  };
}

/**
 * The low 64 bits of the CE address; IPv4 address and PSID right-aligned in their fields.
 *
 *     draft-03   0 (8) | IPv4 (32) | PSID (16) | 0 (8)
 *     RFC 7597   0 (16) | IPv4 (32) | PSID (16)
 *
 * @see RFC 7597 §6; draft-ietf-softwire-map-03 §6
 */
export function computeInterfaceId(form: InterfaceIdForm, ipv4: number, psid: number): bigint {
  const rfc7597 = (BigInt(ipv4) << 16n) | BigInt(psid);
  return form === 'draft-03' ? rfc7597 << 8n : rfc7597;
}

export function tooShort(bits: number, wantedBits: number, service: string | null): MapeError {
  return new MapeError('PREFIX_TOO_SHORT', {
    message: `a prefix of /${bits} says too little: MAP-E here needs at least /${wantedBits}`,
    hint: `give the prefix of your own line (/${wantedBits} or /64), not the range of the provider`,
    details: { bits, wantedBits },
    service,
  });
}

function warnSubnetBits(input: PrefixInput, endUserBits: number): MapeWarning[] {
  const subnetBits = Math.min(input.bits, 64) - endUserBits;
  if (subnetBits <= 0) return [];
  const subnetId = Number(
    (input.address >> BigInt(64 + (64 - endUserBits - subnetBits))) & ((1n << BigInt(subnetBits)) - 1n),
  );
  if (subnetId === 0) return [];
  return [
    {
      code: 'SUBNET_BITS_NONZERO',
      message: `the bits behind the /${endUserBits} of the line are not zero (subnet ${subnetId}); computed with subnet 0`,
      hint: 'such a prefix usually comes from a gateway that already holds the line: MAP-E then works on that gateway alone',
      details: { endUserBits, subnetId },
    },
  ];
}
