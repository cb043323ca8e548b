import type { Finding } from '../errors.ts';
import { computeCrc32 } from './crc32.ts';
import { ImageError } from './errors.ts';

/** "FWx0" */
const MAGIC = 0x46577830;
const TRAILER_BYTES = 16;
/** An image carries two; the limit keeps a hostile one from chaining thousands. */
const MAX_CHUNKS = 8;
const TYPES = ['signature', 'metadata'] as const;

/** One chunk that was appended to an image. */
export interface FwtoolChunk {
  readonly type: (typeof TYPES)[number];
  /** Where its payload begins, in bytes from the beginning of the image. */
  readonly offset: number;
  /** A view into the image, without the trailer. */
  readonly payload: Uint8Array;
}

export interface FwtoolChunks {
  /** Bytes of the image before the first chunk. */
  readonly bodyBytes: number;
  /** In the order of the file. */
  readonly chunks: readonly FwtoolChunk[];
}

/**
 * Read the chunks appended to a sysupgrade image, from the end backwards; an image without any is no error.
 *
 *    chunk    payload, then a trailer of 16 bytes, big-endian
 *    trailer  0 u32 magic 0x46577830 "FWx0"      8 u8 type (0 signature, 1 metadata)   9 u8[3] zero
 *             4 u32 crc32 of all bytes before   12 u32 size of payload + this trailer, in bytes
 *
 * The crc32 has the initial value 0xffffffff and no final inversion.
 *
 * @throws ImageError FWTOOL_BAD_SIZE, FWTOOL_BAD_TYPE, FWTOOL_BAD_CRC, FWTOOL_TOO_MANY
 * @see openwrt/fwtool fwimage.h (struct fwimage_trailer), fwtool.c
 */
export function parseFwtool(image: Uint8Array): FwtoolChunks {
  const { damage, ...found } = readFwtool(image);
  if (damage === undefined) return found;
  throw new ImageError('FWTOOL_BAD_CRC', damage);
}

/**
 * The same as parseFwtool for who wants to see a damaged image all the same: the first crc32 that is wrong is handed back.
 *
 * @throws ImageError FWTOOL_BAD_SIZE, FWTOOL_BAD_TYPE, FWTOOL_TOO_MANY
 */
export function readFwtool(image: Uint8Array): FwtoolChunks & { readonly damage: Finding | undefined } {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const found: { chunk: FwtoolChunk; trailerAt: number; crc: number }[] = [];
  let end = image.byteLength;
  while (end >= TRAILER_BYTES && view.getUint32(end - TRAILER_BYTES) === MAGIC) {
    const trailerAt = end - TRAILER_BYTES;
    if (found.length === MAX_CHUNKS) {
      throw new ImageError('FWTOOL_TOO_MANY', {
        message: `wanted at most ${MAX_CHUNKS} fwtool chunks, found more`,
        hint: 'this is no image of an ImageBuilder; do not flash it',
        details: { limit: MAX_CHUNKS },
      });
    }
    const type = TYPES[view.getUint8(trailerAt + 8)];
    const size = view.getUint32(trailerAt + 12);
    if (size < TRAILER_BYTES || size > end) throw badSize(trailerAt, size, end);
    if (type === undefined) throw badType(trailerAt, view.getUint8(trailerAt + 8));
    const offset = end - size;
    const payload = image.subarray(offset, trailerAt);
    found.unshift({ chunk: { type, offset, payload }, trailerAt, crc: view.getUint32(trailerAt + 4) });
    end = offset;
  }
  return { bodyBytes: end, chunks: found.map(({ chunk }) => chunk), damage: checkCrcs(image, found) };
}

/**
 * The image without the signatures at its end: trees up to 24.10 append one made by a random key of their own, which no
 * router trusts and which makes equal builds differ.
 *
 * @returns a view into the image, and whether anything was cut off
 * @throws ImageError as parseFwtool
 * @see OpenWrt include/image-commands.mk (append-metadata)
 */
export function stripSignature(image: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly stripped: boolean;
} {
  const { chunks } = parseFwtool(image);
  let end = image.byteLength;
  for (const chunk of [...chunks].reverse()) {
    if (chunk.type !== 'signature') break;
    end = chunk.offset;
  }
  return { bytes: image.subarray(0, end), stripped: end !== image.byteLength };
}

/** One pass over the image, whatever the number of chunks. */
function checkCrcs(
  image: Uint8Array,
  found: readonly { trailerAt: number; crc: number }[],
): Finding | undefined {
  let crc = 0;
  let from = 0;
  for (const { trailerAt, crc: wanted } of found) {
    crc = computeCrc32(image.subarray(from, trailerAt), crc);
    from = trailerAt;
    const actual = ~crc >>> 0;
    if (actual === wanted) continue;
    const [want = '', have = ''] = [wanted, actual].map((value) => value.toString(16).padStart(8, '0'));
    return {
      severity: 'error',
      code: 'FWTOOL_BAD_CRC',
      message: `wanted crc32 ${want} before the fwtool trailer at byte ${trailerAt}, found ${have}`,
      hint: 'the image was damaged after it was made; build or download it again',
      details: { offset: trailerAt, wanted: want, found: have },
    };
  }
  return undefined;
}

function badSize(offset: number, size: number, available: number): ImageError {
  return new ImageError('FWTOOL_BAD_SIZE', {
    message: `wanted a size of ${TRAILER_BYTES} to ${available} bytes in the fwtool trailer at byte ${offset}, found ${size}`,
    hint: 'the image was cut or damaged; build or download it again',
    details: { offset, size, available, trailerBytes: TRAILER_BYTES },
  });
}

function badType(offset: number, type: number): ImageError {
  return new ImageError('FWTOOL_BAD_TYPE', {
    message: `wanted type 0 (signature) or 1 (metadata) in the fwtool trailer at byte ${offset}, found ${type}`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { offset, type },
  });
}
