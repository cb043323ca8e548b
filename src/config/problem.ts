import { escapeControls } from '../bytes/escape-controls.ts';
import type { Details } from '../errors.ts';
import type { ConfigErrorCode } from './errors.ts';

/** What a field's check says of one value; the place, the path and the value itself are added where they are known. */
export interface Problem {
  readonly code: ConfigErrorCode;
  /** The form asked for, to stand behind "wanted". */
  readonly wanted: string;
  readonly hint: string;
  readonly details?: Details;
}

export type Outcome<T> = { readonly value: T } | { readonly problem: Problem };

/** Steps from the root of the settings: a key, or a position in a list from 0. */
export type SettingPath = readonly (string | number)[];

/** `wifi.networks[0].ssid` */
export function formatSettingPath(path: SettingPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** Quote a value for a sentence: cut at 80 characters, control and bidirectional characters escaped. */
export function quoteValue(value: string): string {
  const cut = value.length > 80 ? `${value.slice(0, 79)}…` : value;
  return escapeControls(JSON.stringify(cut));
}

/** Whether a text is free of control characters, separators of lines and paragraphs, and halves of surrogate pairs. */
export function isOneLine(text: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u.test(text);
}

/** Names of UCI options whose value is a secret in OpenWrt's own configurations. */
const SECRET_OPTION =
  /^(?:key[1-4]?|pin|.*(?:password|passwd|passphrase|secret|private_?key|preshared_?key|psk|token|auth_pass))$/i;

/** Whether a setting is a secret, so that its value stands in no message and in no flag. */
export function isSecretPath(path: string): boolean {
  if (/^root\.passwordHash(?:$|\.value$)/.test(path)) return true;
  if (/^wifi\.networks\[\d+\]\.key$/.test(path)) return true;
  const option = /^uci\.[^.]*\.[^.]*\.([^.[]*)/.exec(path)?.[1];
  return option !== undefined && SECRET_OPTION.test(option);
}
