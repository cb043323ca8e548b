import { Address4, Address6 } from 'ip-address';
import { MapeError } from './errors.ts';

/** An IPv6 prefix: the address with all bits behind `bits` zero. */
export interface Prefix6 {
  readonly address: bigint;
  readonly bits: number;
}

/** An IPv4 prefix: the address with all bits behind `bits` zero. */
export interface Prefix4 {
  readonly address: number;
  readonly bits: number;
}

/** The first `bits` bits of a 128-bit address, the rest zero. */
export function maskAddress6(address: bigint, bits: number): bigint {
  const hostBits = BigInt(128 - bits);
  return (address >> hostBits) << hostBits;
}

export function containsAddress6(prefix: Prefix6, address: bigint): boolean {
  return maskAddress6(address, prefix.bits) === prefix.address;
}

/** @see RFC 5952 §4 */
export function formatAddress6(address: bigint): string {
  return Address6.fromBigInt(address).correctForm();
}

export function formatPrefix6(prefix: Prefix6): string {
  return `${formatAddress6(prefix.address)}/${prefix.bits}`;
}

export function formatAddress4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

export function formatPrefix4(prefix: Prefix4): string {
  return `${formatAddress4(prefix.address)}/${prefix.bits}`;
}

/**
 * Read an IPv6 prefix of a rule or a table: a length is required and no bit may stand behind it.
 *
 * @throws MapeError RULE_INVALID
 */
export function parseRulePrefix6(text: string): Prefix6 {
  const [addressText, bitsText] = splitLength(text);
  const bits = Number(bitsText);
  if (bitsText === undefined || bits > 128 || !Address6.isValid(addressText))
    throw badRulePrefix(text, 'IPv6');
  const address = new Address6(addressText).bigInt();
  if (maskAddress6(address, bits) !== address) throw badRulePrefix(text, 'IPv6');
  return { address, bits };
}

/**
 * Read an IPv4 prefix of a rule or a table: a length is required and no bit may stand behind it.
 *
 * @throws MapeError RULE_INVALID
 */
export function parseRulePrefix4(text: string): Prefix4 {
  const [addressText, bitsText] = splitLength(text);
  const bits = Number(bitsText);
  if (bitsText === undefined || bits > 32 || !Address4.isValid(addressText))
    throw badRulePrefix(text, 'IPv4');
  const address = Number(new Address4(addressText).bigInt());
  if (bits < 32 && (address & (2 ** (32 - bits) - 1)) !== 0) throw badRulePrefix(text, 'IPv4');
  return { address, bits };
}

/** An IPv6 address as a number, `undefined` for any other text. @see RFC 4291 §2.2 */
export function parseAddress6(text: string): bigint | undefined {
  // A zone and a length are no part of an address.
  if (/[%/]/.test(text)) return undefined;
  try {
    return new Address6(text).bigInt();
  } catch {
    return undefined;
  }
}

function splitLength(text: string): [string, string | undefined] {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  return match === null ? [text, undefined] : [match[1] ?? '', match[2]];
}

function badRulePrefix(text: string, family: 'IPv4' | 'IPv6'): MapeError {
  const example = family === 'IPv6' ? '240b:10::/31' : '106.72.0.0/15';
  return new MapeError('RULE_INVALID', {
    message: `${JSON.stringify(text)} is no ${family} prefix of a rule`,
    hint: `write it as ${example}, with a length and no bit set behind it`,
    details: { value: text, family, example },
  });
}
