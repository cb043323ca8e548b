import type { Prefix4, Prefix6 } from './address.ts';
import { MapeError } from './errors.ts';
import type { Confidence, InterfaceIdForm } from './parameters.ts';

/**
 * A Basic Mapping Rule with all that is needed to use it. Lengths are in bits.
 *
 * @see RFC 7597 §5
 */
export interface Rule {
  /** Id of the service, `user` for a rule the user brought. */
  readonly service: string;
  readonly ipv6: Prefix6;
  readonly ipv4: Prefix4;
  readonly eaLength: number;
  readonly psidOffset: number;
  readonly psidLength: number;
  /** PSID given apart from the EA bits (EA length 0). */
  readonly psid: number | undefined;
  readonly br: bigint;
  readonly interfaceIdForm: InterfaceIdForm;
  readonly confidence: Confidence;
  readonly sources: readonly string[];
}

/** Length of the End-user IPv6 prefix of a rule, in bits: rule prefix and EA bits. RFC 7597 §5.2. */
export function endUserPrefixBits(rule: Pick<Rule, 'ipv6' | 'eaLength'>): number {
  return rule.ipv6.bits + rule.eaLength;
}

/**
 * Check that the numbers of a rule fit together; gives the rule back.
 *
 * @throws MapeError RULE_INVALID
 * @see RFC 7597 §5.1 (port mapping), §5.2 (Basic Mapping Rule)
 */
export function checkRule(rule: Rule): Rule {
  const { ipv6, ipv4, eaLength, psidOffset, psidLength, psid } = rule;
  const suffixBits = 32 - ipv4.bits;
  const embeddedPsidBits = Math.max(0, eaLength - suffixBits);
  const problem =
    eaLength < 0 || eaLength > 48
      ? `EA length ${eaLength} is not within 0 to 48`
      : ipv6.bits + eaLength > 64
        ? `IPv6 prefix /${ipv6.bits} and EA length ${eaLength} together exceed 64 bits`
        : eaLength < suffixBits && eaLength > 0
          ? `EA length ${eaLength} gives a whole IPv4 prefix (/${ipv4.bits + eaLength}), not one address`
          : eaLength === 0 && ipv4.bits !== 32
            ? `EA length 0 needs an IPv4 prefix of /32, not /${ipv4.bits}`
            : psidOffset < 0 || psidOffset + psidLength > 16
              ? `PSID offset ${psidOffset} and PSID length ${psidLength} together exceed the 16 bits of a port`
              : eaLength > 0 && psidLength !== embeddedPsidBits
                ? `PSID length ${psidLength} contradicts EA length ${eaLength} and IPv4 prefix /${ipv4.bits}, which leave ${embeddedPsidBits}`
                : psid !== undefined && (eaLength > 0 || psid < 0 || psid >= 2 ** psidLength)
                  ? `PSID ${psid} does not fit (EA length ${eaLength}, PSID length ${psidLength})`
                  : eaLength === 0 && psidLength > 0 && psid === undefined
                    ? `PSID length ${psidLength} without EA bits needs a psid`
                    : undefined;
  if (problem === undefined) return rule;
  throw new MapeError('RULE_INVALID', {
    message: `the rule does not hold together: ${problem}`,
    hint: 'compare the figures with the source of the rule',
    details: { problem },
  });
}
