import type { Details } from '../../errors.ts';
import { japanese } from './ja.ts';
import type { Lang, Sentence } from './lang.ts';

/** Anything with a stable code and an English sentence. */
export interface Translatable {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly details?: Details | undefined;
}

/** The sentence of an error, finding or warning. English is what it carries; other languages are made from code and details. */
export function translate(lang: Lang, { code, message, hint, details }: Translatable): Sentence {
  const table: Readonly<Record<string, ((details: Details) => Sentence) | undefined>> = japanese;
  return (lang === 'ja' ? table[code]?.(details ?? {}) : undefined) ?? { message, hint };
}
