/** Languages of sentences; codes and JSON keys have none. */
export type Lang = 'ja' | 'en';

/** A sentence and what to do about it. */
export interface Sentence {
  readonly message: string;
  readonly hint?: string | undefined;
}
