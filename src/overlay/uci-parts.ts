import { Address4 } from 'ip-address';
import type { OwnUci, ResolvedConfig } from '../config/config.ts';
import { posixTimezone } from './timezone.ts';
import { setList, setOption, type UciOp } from './uci-op.ts';

export type Series = '22.03' | '23.05' | '24.10' | '25.12' | 'snapshot';

/** Host name, clock and time servers. */
export function computeSystemUci(config: ResolvedConfig): readonly UciOp[] {
  const posix = posixTimezone(config.timezone);
  return [
    ...(config.hostname === undefined ? [] : [setOption('system.@system[0].hostname', config.hostname)]),
    ...(posix === undefined
      ? []
      : [
          setOption('system.@system[0].zonename', config.timezone),
          setOption('system.@system[0].timezone', posix),
        ]),
    ...(config.ntp.length === 0
      ? []
      : [setOption('system.ntp', 'timeserver'), ...setList('system.ntp.server', config.ntp)]),
  ];
}

/**
 * The router's address in the LAN.
 *
 * 25.12 and later keep a list of `address/length`, earlier releases an address and a mask.
 *
 * @see openwrt package/base-files/files/bin/config_generate
 */
export function computeLanUci(address: string | undefined, series: Series): readonly UciOp[] {
  if (address === undefined) return [];
  const subnet = new Address4(address.includes('/') ? address : `${address}/24`);
  const bare = subnet.correctForm();
  const emptied = [...setList('network.lan.ipaddr', []), ...setList('network.lan.netmask', [])];
  if (series === '25.12' || series === 'snapshot')
    return [
      ...emptied,
      { verb: 'add_list', key: 'network.lan.ipaddr', value: `${bare}/${subnet.subnetMask}` },
    ];
  const mask = Address4.fromBigInt((0xffffffffn << BigInt(32 - subnet.subnetMask)) & 0xffffffffn);
  return [
    ...emptied,
    setOption('network.lan.ipaddr', bare),
    setOption('network.lan.netmask', mask.correctForm()),
  ];
}

/** Login by password: as asked for, else off where there are keys. */
export function computeSshUci(ssh: ResolvedConfig['ssh']): readonly UciOp[] {
  const wanted = ssh.passwordLogin ?? (ssh.authorizedKeys.length > 0 ? false : undefined);
  if (wanted === undefined) return [];
  const value = wanted ? 'on' : 'off';
  return [
    setOption('dropbear.@dropbear[0].PasswordAuth', value),
    setOption('dropbear.@dropbear[0].RootPasswordAuth', value),
  ];
}

/** Options of the user's own, in their order. */
export function computeOwnUci(own: readonly OwnUci[]): readonly UciOp[] {
  return own.flatMap(({ config, section, option, value }) => {
    const key = option === undefined ? `${config}.${section}` : `${config}.${section}.${option}`;
    return typeof value === 'string' ? [setOption(key, value)] : setList(key, value);
  });
}
