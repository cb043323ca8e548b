import { createPublicKey, verify } from 'node:crypto';
import { ReleaseError } from './errors.ts';

/** An Ed25519 key of usign or signify. */
export interface UsignPublicKey {
  /** 16 hexadecimal digits: the name of its file on a router. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export interface UsignSignature {
  /** Of the key it says it was made with. */
  readonly keyId: string;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

const ALGORITHM = 'Ed';
const ID_BYTES = 8;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Characters; a signature file has about 150. */
const MAX_FILE_CHARS = 4096;
// RFC 8410 §4: SubjectPublicKeyInfo of id-Ed25519 (1.3.101.112), before the 32 bytes of the key
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Parse a public key: the file, or its second line alone.
 *
 *    line 1 "untrusted comment: ..."     line 2 base64 of
 *    0 u8[2] "Ed"    2 u8[8] key number    10 u8[32] Ed25519 public key
 *
 * @throws ReleaseError USIGN_KEY_INVALID
 * @see openwrt/usign main.c (struct pubkey)
 */
export function parseUsignPublicKey(text: string): UsignPublicKey {
  const found = decode(text, KEY_BYTES);
  if (typeof found !== 'string') return { id: found.id, key: found.rest };
  throw new ReleaseError('USIGN_KEY_INVALID', {
    message: `wanted a public key of usign or signify, found ${found}`,
    hint: 'give the whole file: a comment line and a line of base64',
    details: { reason: found },
  });
}

/**
 * Parse a signature file; its layout is that of a public key with the 64 bytes of an Ed25519 signature.
 *
 * @throws ReleaseError SIGNATURE_MALFORMED
 * @see openwrt/usign main.c (struct sig)
 */
export function parseUsignSignature(text: string): UsignSignature {
  const found = decode(text, SIGNATURE_BYTES);
  if (typeof found !== 'string') return { keyId: found.id, signature: found.rest };
  throw new ReleaseError('SIGNATURE_MALFORMED', {
    message: `wanted a signature of usign or signify, found ${found}`,
    hint: 'try again, or another mirror; a page to log in to a network may have answered in its place',
    details: { reason: found },
  });
}

/**
 * Hold a signature against the bytes it is said to be of. No clock is asked: a key of usign has no dates.
 *
 * @param file what was signed, for the message
 * @returns the key it was made with
 * @throws ReleaseError SIGNATURE_KEY_UNKNOWN, SIGNATURE_WRONG
 * @see RFC 8032 §5.1.7 (over the bytes themselves, not over a digest of them)
 */
export function verifyUsign(
  file: string,
  message: Uint8Array,
  { keyId, signature }: UsignSignature,
  keys: readonly UsignPublicKey[],
): UsignPublicKey {
  const known = keys.filter(({ id }) => id === keyId);
  if (known.length === 0) {
    const trusted = keys.map(({ id }) => id);
    throw new ReleaseError('SIGNATURE_KEY_UNKNOWN', {
      message: `wanted ${file} signed with the key ${trusted.join(' or ')}, found it signed with ${keyId}`,
      hint: 'do not use this mirror for this release: the signature is not that of OpenWrt',
      details: { file, keyId, trusted },
    });
  }
  const right = known.find(({ key }) => verify(null, message, toKeyObject(key), signature));
  if (right !== undefined) return right;
  throw new ReleaseError('SIGNATURE_WRONG', {
    message: `wanted ${file} as it was signed with the key ${keyId}, found other bytes (${message.byteLength})`,
    hint: 'try again: the server may just be changing the files; if it stays so, do not use this mirror',
    details: { file, keyId, sizeBytes: message.byteLength },
  });
}

function toKeyObject(key: Uint8Array) {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, key]), format: 'der', type: 'spki' });
}

/** Key number and what follows it, or what is wrong with the text. */
function decode(
  text: string,
  restBytes: number,
): { readonly id: string; readonly rest: Uint8Array } | string {
  if (text.length > MAX_FILE_CHARS) return `more than ${MAX_FILE_CHARS} characters`;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const base64 = lines.at(-1) ?? '';
  if (lines.length > 2 || (lines.length === 2 && !lines[0]?.startsWith('untrusted comment: ')))
    return 'other lines than a comment and one of base64';
  const bytes = Buffer.from(base64, 'base64');
  // Node.js passes over what is no base64: only text that comes back as it was is whole.
  if (bytes.toString('base64') !== base64) return 'a line that is no base64';
  const wantedBytes = ALGORITHM.length + ID_BYTES + restBytes;
  if (bytes.byteLength !== wantedBytes) return `${bytes.byteLength} bytes in place of ${wantedBytes}`;
  if (bytes.toString('latin1', 0, ALGORITHM.length) !== ALGORITHM) return 'another algorithm than Ed25519';
  const restStart = ALGORITHM.length + ID_BYTES;
  return {
    id: bytes.toString('hex', ALGORITHM.length, restStart),
    rest: Uint8Array.from(bytes.subarray(restStart)),
  };
}
