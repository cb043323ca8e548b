import type { Problem } from '../problem.ts';

/** Key that gives a section's type, as `ubus call uci get` shows it. */
export const SECTION_TYPE_KEY = '.type';

/**
 * Check a name of UCI: a configuration (which may hold `-`), a section or an option.
 *
 * @see openwrt uci util.c (uci_validate_str)
 */
export function checkUciName(value: string, what: 'config' | 'section' | 'option'): Problem | undefined {
  const form = what === 'config' ? /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/ : /^[A-Za-z0-9_]{1,64}$/;
  if (form.test(value)) return undefined;
  const anonymous = what === 'section' && value.startsWith('@');
  return {
    code: 'CONFIG_BAD_UCI_NAME',
    wanted: `the name of a UCI ${what} of letters, digits and _`,
    hint: anonymous
      ? 'sections are addressed by name only, since positions differ between releases; name the section'
      : 'write the name as "uci show" prints it',
    details: { what, reason: anonymous ? 'anonymous' : 'characters' },
  };
}

/** Check the type of a section (`interface`, `wifi-iface`). */
export function checkUciType(value: string): Problem | undefined {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_UCI_NAME',
    wanted: 'the type of a UCI section of letters, digits, - and _',
    hint: 'write the type as "uci show" prints it, such as interface',
    details: { what: 'type', reason: 'characters' },
  };
}

/** Check a value: UCI takes any text of one line; an empty one would delete the option. */
export function checkUciValue(value: string): Problem | undefined {
  if (value.length >= 1 && value.length <= 1024) return undefined;
  return {
    code: 'CONFIG_BAD_UCI_VALUE',
    wanted: 'a UCI value of 1 to 1024 characters',
    hint: 'UCI knows no empty value; leave the option out',
    details: { characters: value.length },
  };
}
