import { Address4, Address6 } from 'ip-address';
import { MapeImageError } from '../../errors.ts';
import { parsePrefixInput } from '../../mape/input.ts';
import type { Problem } from '../problem.ts';

/** An IPv4 address with its subnet, both as 32-bit numbers. */
export interface LanSubnet {
  readonly address: number;
  readonly bits: number;
}

/** Check the IPv6 prefix or address of the line as a person pastes it; what it means is judged by the calculation. */
export function checkPrefixText(value: string): Problem | undefined {
  try {
    parsePrefixInput(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof MapeImageError)) throw error;
    return {
      code: 'CONFIG_BAD_PREFIX',
      wanted: 'an IPv6 prefix or address',
      hint: error.hint ?? 'give the IPv6 prefix of the line, such as 2400:4151:8000:1200::/64',
      details: { reason: String(error.details.reason ?? 'characters') },
    };
  }
}

const PRIVATE: readonly LanSubnet[] = [
  { address: 0x0a000000, bits: 8 },
  { address: 0xac100000, bits: 12 },
  { address: 0xc0a80000, bits: 16 },
];

/** @see RFC 6890 §2.2.2: ranges no interface of a LAN may hold */
const UNUSABLE: readonly LanSubnet[] = [
  { address: 0x00000000, bits: 8 },
  { address: 0x7f000000, bits: 8 },
  { address: 0xa9fe0000, bits: 16 },
  { address: 0xe0000000, bits: 3 },
];

/**
 * Check the router's own address on the LAN: `192.168.10.1/24`, /8 to /30, a host of its subnet.
 */
export function checkLanAddress(value: string): Problem | undefined {
  const lan = parseLanAddress(value);
  if (lan === undefined)
    return badLan('form', 'write the address with its length, such as 192.168.10.1/24, /8 to /30');
  if (UNUSABLE.some((range) => isInSubnet(range, lan.address)))
    return badLan('range', 'take one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16');
  const hostBits = 32 - lan.bits;
  const host = lan.address % 2 ** hostBits;
  if (host === 0 || host === 2 ** hostBits - 1)
    return badLan('host', 'the first and the last address of a subnet belong to no host; take another');
  return undefined;
}

/** @see RFC 1918 §3 */
export function isPrivateAddress(address: number): boolean {
  return PRIVATE.some((range) => isInSubnet(range, address));
}

function badLan(reason: string, hint: string): Problem {
  return {
    code: 'CONFIG_BAD_LAN_ADDRESS',
    wanted: 'an IPv4 address with a length, such as 192.168.10.1/24',
    hint,
    details: { reason },
  };
}

/** `undefined` where the text is no IPv4 address with a length from 8 to 30. */
export function parseLanAddress(value: string): LanSubnet | undefined {
  const [, text = '', bitsText = ''] = /^([0-9.]{7,15})\/([0-9]{1,2})$/.exec(value) ?? [];
  const address = parseAddress4(text);
  if (address === undefined || !/^(?:[89]|[12][0-9]|30)$/.test(bitsText)) return undefined;
  return { address, bits: Number(bitsText) };
}

/** Four decimal numbers without leading zeros, as a 32-bit number. */
export function parseAddress4(value: string): number | undefined {
  const canonical = /^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(value);
  return canonical && Address4.isValid(value) ? Number(new Address4(value).bigInt()) : undefined;
}

export function isInSubnet(subnet: LanSubnet, address: number): boolean {
  const size = 2 ** (32 - subnet.bits);
  return Math.floor(address / size) === Math.floor(subnet.address / size);
}

/** Check an IPv4 host that traffic is forwarded to. */
export function checkIpv4Host(value: string): Problem | undefined {
  if (parseAddress4(value) !== undefined) return undefined;
  return {
    code: 'CONFIG_BAD_IPV4_HOST',
    wanted: 'an IPv4 address',
    hint: 'write the address of a host of the LAN, such as 192.168.1.10',
  };
}

/**
 * Check a host behind the IPv6 firewall: a global or unique-local address, or a suffix of 64 bits such as
 * `::1234:56ff:fe78:9abc`, which fw4 matches behind any prefix.
 *
 * @see RFC 4291 §2.4 for the ranges refused
 */
export function checkIpv6Host(value: string): Problem | undefined {
  const problem: Problem = {
    code: 'CONFIG_BAD_IPV6_HOST',
    wanted: 'an IPv6 address or a suffix',
    hint: "write the host's suffix, such as ::1234:56ff:fe78:9abc, so that it holds when the prefix changes",
  };
  if (!/^[0-9A-Fa-f:]{3,39}$/.test(value) || !Address6.isValid(value)) return problem;
  const bits = new Address6(value).bigInt();
  const suffix = bits >> 64n === 0n;
  const multicast = bits >> 120n === 0xffn;
  const linkLocal = bits >> 118n === 0b1111111010n;
  // ::/128 and ::1/128 are no hosts of a LAN
  if ((suffix && bits <= 1n) || multicast || linkLocal) return problem;
  return undefined;
}
