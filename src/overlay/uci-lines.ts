import type { MapeParameters } from '../mape/parameters.ts';

export type UciOption = readonly [option: string, value: string];

/** Name of the MAP-E interface; its device is `map-wan6mape`, 12 of the 15 characters the kernel allows. */
export const MAPE_INTERFACE = 'wan6mape';

/**
 * The options of the MAP-E interface in the order OpenWrt's own page lists them.
 *
 * All figures are written out: mapcalc would guess `ealen`, `psidlen` and `offset` from the prefix it finds, and guesses
 * wrongly from a /64.
 *
 * @see openwrt package/network/ipv6/map/files/map.sh (proto_map_init_config), src/mapcalc.c
 */
export function renderWan6mapeUci(mape: MapeParameters): readonly UciOption[] {
  const [ipv4, ipv4Length] = splitPrefix(mape.ruleIpv4Prefix);
  const [ipv6, ipv6Length] = splitPrefix(mape.ruleIpv6Prefix);
  const fixedPsid = mape.eaLength === 0 && mape.psidLength > 0;
  return [
    ['proto', 'map'],
    ['maptype', 'map-e'],
    ['peeraddr', mape.br],
    ['ipaddr', ipv4],
    ['ip4prefixlen', ipv4Length],
    ['ip6prefix', ipv6],
    ['ip6prefixlen', ipv6Length],
    // mapcalc refuses a rule whose EA bits are fewer than its PSID bits, even where the PSID is given.
    ['ealen', String(fixedPsid ? mape.psidLength : mape.eaLength)],
    ['psidlen', String(mape.psidLength)],
    // mapcalc reads a given PSID left-aligned in 16 bits, as DHCPv6 sends it (RFC 7598 §4.5).
    ...(fixedPsid ? [['psid', String(mape.psid << (16 - mape.psidLength))] as const] : []),
    ['offset', String(mape.psidOffset)],
    ['tunlink', 'wan6'],
    ['legacymap', mape.interfaceIdForm === 'draft-03' ? '1' : '0'],
    ['encaplimit', 'ignore'],
    // 1500 of the line less the 40 bytes of the outer header, of whatever service; measured on v6 Plus.
    ['mtu', '1460'],
  ];
}

function splitPrefix(prefix: string): readonly [address: string, length: string] {
  const slash = prefix.lastIndexOf('/');
  return [prefix.slice(0, slash), prefix.slice(slash + 1)];
}
