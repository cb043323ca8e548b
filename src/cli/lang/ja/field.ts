import type { Details } from '../../../errors.ts';
import { choose, quoted, quotedWhole, type Say, spaced, when } from './text.ts';

/** Where a setting stands that nobody gave: no place to name. */
const NOWHERE = ['default', 'settings'];

/** `「lan.address」（--set lan.address）`: the setting, and the flag or environment name it came by. */
export function setting({ path, origin }: Details): string {
  const named = quotedWhole(path, '設定');
  return typeof origin === 'string' && NOWHERE.includes(origin)
    ? named
    : `${named}${when(origin, (label) => `（${label}）`)}`;
}

/** `「lan.address」にはプライベートアドレスが必要ですが、「8.8.8.8/24」が指定されています` */
export function needs(d: Details, wanted: string): string {
  const found = when(d.found, () => `、${quoted(d.found, '')}が指定されています`);
  return `${setting(d)}には${spaced(wanted)}が必要です${found === '' ? '' : `が${found}`}`;
}

/** The sentence of a field whose value has a form of its own. */
export function field(wanted: string, hint: string | ((details: Details) => string)): Say {
  return (d) => ({ message: needs(d, wanted), hint: typeof hint === 'string' ? hint : hint(d) });
}

/** A hint for each of the reasons a check gives; `otherwise` where the reason is missing. */
export function byReason(
  hints: Readonly<Record<string, string>>,
  otherwise: string,
): (details: Details) => string {
  return ({ reason }) => choose(hints, reason) ?? otherwise;
}
