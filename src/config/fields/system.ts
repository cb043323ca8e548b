import { Address6 } from 'ip-address';
import type { Problem } from '../problem.ts';
import { parseAddress4 } from './address.ts';

/**
 * Check the router's name: one label, since dnsmasq puts the local domain behind it.
 *
 * @see RFC 1123 §2.1, RFC 1035 §2.3.1
 */
export function checkHostname(value: string): Problem | undefined {
  if (LABEL.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_HOSTNAME',
    wanted: 'a host name of up to 63 letters, digits and inner hyphens',
    hint: 'take a name such as gate or home-router, without dots, blanks and underscores',
  };
}

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Check the form of an IANA time zone name; whether OpenWrt's table knows it is judged by the rendering. */
export function checkTimezone(value: string): Problem | undefined {
  const form = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*){0,2}$/;
  if (value.length <= 64 && form.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_TIMEZONE',
    wanted: 'an IANA time zone name',
    hint: 'write a name such as Asia/Tokyo',
  };
}

/** Check a time server: a host name or an address. */
export function checkServer(value: string): Problem | undefined {
  const name = value.length <= 253 && value.split('.').every((label) => LABEL.test(label));
  // a name of digits alone would be taken for an address
  if (name && !/^[0-9.]+$/.test(value)) return undefined;
  if (parseAddress4(value) !== undefined) return undefined;
  if (/^[0-9A-Fa-f:]{2,39}$/.test(value) && Address6.isValid(value)) return undefined;
  return {
    code: 'CONFIG_BAD_SERVER',
    wanted: 'a host name or an address',
    hint: 'write a server such as ntp.nict.jp',
  };
}

/** Check a release: a series `24.10`, a release `24.10.4`, a candidate `24.10.0-rc1`, or SNAPSHOT. */
export function checkRelease(value: string): Problem | undefined {
  if (/^(?:[0-9]{2}\.[0-9]{2}(?:\.[0-9]{1,2}(?:-rc[0-9]{1,2})?)?|SNAPSHOT)$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_RELEASE',
    wanted: 'a release of OpenWrt such as "24.10" or "24.10.4"',
    hint: 'write the series or the release in quotation marks',
  };
}

/** Check the form of a service's name; which services there are is data of its own. */
export function checkService(value: string): Problem | undefined {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_SERVICE',
    wanted: 'the name of a service such as v6plus or ocn, or auto',
    hint: 'run "mape-image services" for the names',
  };
}

/** Check the text that names a device: it is only ever compared with profiles, by id, board name or title. */
export function checkProfileText(value: string): Problem | undefined {
  if (value.trim() === value && value.length >= 1 && value.length <= 128) return undefined;
  return {
    code: 'CONFIG_BAD_PROFILE',
    wanted: 'a profile of up to 128 characters',
    hint: 'write the id, the board name or the title of the device, such as tplink_archer-c6-v2',
  };
}

/**
 * Check a package's name. A version is refused: ImageBuilders with apk carry a version over to all names behind it.
 *
 * @see openwrt target/imagebuilder/files/Makefile (FormatPackages)
 */
export function checkPackageName(value: string): Problem | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9_.+-]{0,127}$/.test(value)) return undefined;
  const reason = /^-/.test(value) ? 'minus' : /[=~<>]/.test(value) ? 'version' : 'characters';
  const hint = {
    minus: 'put the name under packages.remove, without the minus',
    version: 'leave out the version; the ImageBuilder decides it',
    characters: 'write the name as the package list has it, such as luci-app-sqm',
  }[reason];
  return {
    code: 'CONFIG_BAD_PACKAGE',
    wanted: 'the name of a package',
    hint,
    details: { reason },
  };
}
