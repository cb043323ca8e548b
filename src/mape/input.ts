import { parseAddress6 } from './address.ts';
import { MapeError } from './errors.ts';

/** What a person gave: the address as written and the length behind it, 128 where there was none. */
export interface PrefixInput {
  readonly address: bigint;
  readonly bits: number;
}

export type MalformedReason =
  | 'empty'
  | 'blank-inside'
  | 'full-width'
  | 'ipv4'
  | 'zone'
  | 'length'
  | 'characters'
  | 'groups';

const HINT: Record<MalformedReason, string> = {
  empty: 'give the IPv6 prefix or address of the line, such as 2400:4151:8000:1200::/64',
  'blank-inside': 'give one prefix, without blanks inside it',
  'full-width': 'type it with half-width characters',
  ipv4: 'give the IPv6 prefix of the line; the IPv4 address is computed from it',
  zone: 'leave out the interface name behind %',
  length: 'the length behind / is a number from 56 to 128',
  characters: 'an IPv6 address holds hexadecimal digits and colons, such as 2400:4151:8000:1200::/64',
  groups:
    'an IPv6 address has eight groups of up to four digits, or one "::" for groups of zeros, as in 2400:4151:8000:1200::/64',
};

/**
 * Read an IPv6 prefix as a person pastes it: /64, /56, a full address, upper case, exploded, blanks around it.
 *
 * @throws MapeError PREFIX_MALFORMED with `details.reason`
 * @see RFC 4291 §2.2, §2.3
 */
export function parsePrefixInput(text: string): PrefixInput {
  const trimmed = text.trim();
  const match = /^([^/]*?)(?:\s*\/\s*(.*))?$/s.exec(trimmed);
  const addressText = match?.[1] ?? '';
  const lengthText = match?.[2];
  const reason = findReason(addressText, lengthText);
  const address = reason === undefined ? parseAddress6(addressText) : undefined;
  if (address === undefined) throw malformed(trimmed, reason ?? 'groups');
  return { address, bits: lengthText === undefined ? 128 : Number(lengthText) };
}

function findReason(addressText: string, lengthText: string | undefined): MalformedReason | undefined {
  if (addressText === '' && lengthText === undefined) return 'empty';
  if (/\s/.test(addressText)) return 'blank-inside';
  if (/[\uff01-\uff5e]/.test(addressText + (lengthText ?? ''))) return 'full-width';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(addressText)) return 'ipv4';
  if (addressText.includes('%')) return 'zone';
  if (!/^[0-9a-fA-F:.]+$/.test(addressText)) return 'characters';
  if (lengthText !== undefined && (!/^(?:0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > 128))
    return 'length';
  return undefined;
}

function malformed(text: string, reason: MalformedReason): MapeError {
  const shown = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return new MapeError('PREFIX_MALFORMED', {
    message:
      text === '' ? 'no prefix was given' : `${JSON.stringify(shown)} is not an IPv6 prefix or address`,
    hint: HINT[reason],
    details: { value: shown, reason },
  });
}
