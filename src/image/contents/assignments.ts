import { splitShell } from './shell.ts';
import { UNKNOWN } from './shell-words.ts';

/**
 * The assignments of a file made for `.` in a shell, `KEY='value'` a line, as `/etc/openwrt_release`, `/etc/os-release` and
 * our own `baked` are; other lines and values that a shell would have to compute are left out. Total.
 *
 * @see os-release(5)
 */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { words } of splitShell(text)) {
    for (const word of words) {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? [];
      if (name !== undefined && value !== undefined && !value.includes(UNKNOWN)) values.set(name, value);
    }
  }
  return values;
}
