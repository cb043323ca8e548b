import { ReleaseError } from '../../release/errors.ts';
import { parseUsignSignature } from '../../release/usign.ts';
import { bytesAt } from '../bytes-at.ts';
import { ImageError } from '../errors.ts';
import { textAt } from './text-at.ts';
import type { ImageSignature } from './types.ts';

const COMMENT = 'untrusted comment';
/** Certificates behind the signature; a chain of OpenWrt has one. */
const MAX_BLOBS = 16;
const LENGTH_MASK = 0xffffff;
const HEADER_BYTES = 4;
const ID_SIGNATURE = 0;

/**
 * Say who signed an image, of the payload of fwtool's signature chunk: a container of ucert, or a bare signature of usign.
 * Nothing is verified: no key is trusted here.
 *
 *    ucert      blobs one after the other: 0 u32 size with this header, in the lower 24 bits; then attributes
 *    attribute  0 u32 number in bits 24 to 30 (0 signature of usign, 1 certificate), size in the lower 24 bits;
 *               then its value, padded to 4 bytes
 *
 * All big-endian. The last blob holds the signature of the image alone; each before it a certificate and its signature.
 *
 * @see openwrt/ucert ucert.c; libubox blob.h (struct blob_attr)
 */
export function parseSignature(payload: Uint8Array): ImageSignature {
  if (textAt(payload, 0, COMMENT.length) === COMMENT) {
    const keyId = readKeyId(payload);
    return keyId === undefined ? UNKNOWN : { format: 'usign', keyIds: [keyId] };
  }
  const keyIds = readUcert(payload);
  return keyIds === undefined || keyIds.length === 0
    ? UNKNOWN
    : { format: 'ucert', keyIds: [...keyIds].reverse() };
}

const UNKNOWN: ImageSignature = { format: 'unknown', keyIds: [] };

function readUcert(payload: Uint8Array): string[] | undefined {
  try {
    const keyIds: string[] = [];
    let at = 0;
    for (let blobs = 0; at < payload.byteLength; blobs += 1) {
      if (blobs === MAX_BLOBS) return undefined;
      const blob = attributeAt(payload, at);
      for (let inner = 0; inner < blob.body.byteLength; ) {
        const attribute = attributeAt(blob.body, inner);
        const keyId = attribute.id === ID_SIGNATURE ? readKeyId(attribute.body) : undefined;
        if (keyId !== undefined) keyIds.push(keyId);
        inner += attribute.paddedBytes;
      }
      at += blob.paddedBytes;
    }
    return keyIds;
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

interface Attribute {
  readonly id: number;
  readonly body: Uint8Array;
  readonly paddedBytes: number;
}

/** @throws ImageError IMAGE_TRUNCATED */
function attributeAt(bytes: Uint8Array, offset: number): Attribute {
  const read = bytesAt(bytes, 'signature');
  const word = read.u32be(offset);
  const sizeBytes = word & LENGTH_MASK;
  return {
    id: (word >>> 24) & 0x7f,
    // A size below that of the header makes the count negative, which the reader refuses.
    body: read.slice(offset + HEADER_BYTES, sizeBytes - HEADER_BYTES),
    paddedBytes: Math.ceil(sizeBytes / 4) * 4,
  };
}

function readKeyId(bytes: Uint8Array): string | undefined {
  try {
    return parseUsignSignature(textAt(bytes, 0, bytes.byteLength)).keyId;
  } catch (error) {
    if (error instanceof ReleaseError) return undefined;
    throw error;
  }
}
