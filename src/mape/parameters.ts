import type { Details } from '../errors.ts';

/** How sure the rule behind a result is. */
export type Confidence = 'confirmed' | 'agreed' | 'single-source' | 'predicted' | 'user';

/** Which form of interface identifier the CE address carries: draft-ietf-softwire-map-03 §6 (`legacymap '1'`) or RFC 7597 §6. */
export type InterfaceIdForm = 'draft-03' | 'rfc7597';

export interface MapeWarning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Details;
}

/** An inclusive range of ports. */
export type PortRange = readonly [first: number, last: number];

/**
 * Everything a MAP-E customer edge needs, ready for JSON: addresses and prefixes are canonical text (RFC 5952), lengths
 * are in bits, port ranges are inclusive and ascending.
 */
export interface MapeParameters {
  readonly service: string;
  readonly endUserPrefix: string;
  readonly ipv4Address: string;
  readonly psid: number;
  readonly psidLength: number;
  readonly psidOffset: number;
  readonly eaLength: number;
  readonly ruleIpv6Prefix: string;
  readonly ruleIpv4Prefix: string;
  readonly br: string;
  readonly ceIpv6Address: string;
  readonly ceIpv6AddressRfc7597: string;
  readonly interfaceIdForm: InterfaceIdForm;
  readonly portCount: number;
  readonly portRanges: readonly PortRange[];
  readonly confidence: Confidence;
  /** Ids of the sources of the rule; `services` says what each is. */
  readonly sources: readonly string[];
  readonly warnings: readonly MapeWarning[];
}
