import { createHash } from 'node:crypto';

declare const brand: unique symbol;

/** 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [brand]: 'Sha256' };

/** SHA-256 of bytes or of a text's UTF-8 form. */
export function computeSha256(data: Uint8Array | string): Sha256 {
  return createHash('sha256').update(data).digest('hex') as Sha256;
}

/**
 * Accept a SHA-256 in hexadecimal, either case.
 *
 * @throws TypeError where the text is anything else
 */
export function parseSha256(text: string): Sha256 {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new TypeError(`not a sha256: ${JSON.stringify(text)}`);
  return text.toLowerCase() as Sha256;
}
