import { isIPv6 } from 'node:net';

const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0');

/** The 16 bytes of an address, in hex. */
function ipv6Hex(text: string): string {
  if (!isIPv6(text)) throw new Error(`no IPv6 address: ${text}`);
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const zeros = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(tail === undefined ? 0 : zeros).fill('0'), ...groups(tail)];
  return all.map((group) => group.padStart(4, '0')).join('');
}

/** `struct sockaddr_in` for a raw socket, in hex: the family in the machine's own byte order. */
export function ipv4Sockaddr(address: string): string {
  return `02000000${address
    .split('.')
    .map((part) => hex(Number(part), 1))
    .join('')}${'00'.repeat(8)}`;
}

export function ipv6Sockaddr(address: string): string {
  return `0a000000${'00'.repeat(4)}${ipv6Hex(address)}${'00'.repeat(4)}`;
}

/** Of the access network's router, as network.sh sets it. */
const ACCESS_MAC = '02005e100001';

/**
 * A router advertisement with one prefix, or none; the kernel that sends it fills in the checksum.
 *
 * @see RFC 4861 §4.2, §4.6.1, §4.6.2
 */
export function routerAdvertisement(prefix?: { readonly text: string; readonly validSec: number }): string {
  // type 1, length in units of 8 bytes: with its MAC address the sender is a known neighbour
  const header = `86000000${hex(64, 1)}00${hex(1800, 2)}${'00'.repeat(8)}0101${ACCESS_MAC}`;
  if (prefix === undefined) return header;
  const [address = '', bits] = prefix.text.split('/');
  // type 3, length in units of 8 bytes, on-link and autonomous, lifetimes: valid, preferred
  return `${header}0304${hex(Number(bits), 1)}c0${hex(prefix.validSec, 4).repeat(2)}00000000${ipv6Hex(address)}`;
}

/** An ICMP echo request, checksum filled in (RFC 792, RFC 1071), with eight bytes behind its header. */
export function echoRequest(id: number, sequence = 1): string {
  const words = [0x0800, 0, id, sequence, 0x6c61, 0x622d, 0x6563, 0x686f];
  let sum = words.reduce((total, word) => total + word, 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return words.map((word, index) => hex(index === 1 ? ~sum & 0xffff : word, 2)).join('');
}

/** Ids of the echo replies among packets as raw.pl prints them, from the IPv4 header on. */
export function echoReplyIds(output: string): readonly number[] {
  return output
    .split('\n')
    .map((line) => line.slice(Number.parseInt(line[1] ?? '0', 16) * 8))
    .filter((icmp) => icmp.startsWith('0000'))
    .map((icmp) => Number.parseInt(icmp.slice(8, 12), 16));
}
