import { ImageError } from './errors.ts';

/** Bytes that are read at offsets; every read outside of them is an error with a code, never `undefined`. */
export interface BytesAt {
  readonly lengthBytes: number;
  u8(offset: number): number;
  u16le(offset: number): number;
  u16be(offset: number): number;
  u32le(offset: number): number;
  u32be(offset: number): number;
  /** As bigint: sizes and offsets of 64 bits come from outside. */
  u64le(offset: number): bigint;
  u64be(offset: number): bigint;
  /** A view, no copy. */
  slice(offset: number, lengthBytes: number): Uint8Array;
}

/**
 * Read numbers from bytes that nobody vouches for.
 *
 * @param what named in the error: `squashfs superblock`
 * @throws ImageError IMAGE_TRUNCATED from every reader, where the bytes end before what is read, or the offset is no
 *   whole number from 0 up
 */
export function bytesAt(bytes: Uint8Array, what: string): BytesAt {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthBytes = bytes.byteLength;
  const need = (offset: number, count: number): number => {
    if (Number.isSafeInteger(offset) && offset >= 0 && count >= 0 && offset + count <= lengthBytes)
      return offset;
    throw new ImageError('IMAGE_TRUNCATED', {
      message: `wanted ${count} bytes at byte ${offset} of the ${what}, found it has ${lengthBytes}`,
      hint: 'the file was cut or damaged; build or download it again',
      details: { what, offset, wanted: count, found: lengthBytes },
    });
  };
  return {
    lengthBytes,
    u8: (offset) => view.getUint8(need(offset, 1)),
    u16le: (offset) => view.getUint16(need(offset, 2), true),
    u16be: (offset) => view.getUint16(need(offset, 2)),
    u32le: (offset) => view.getUint32(need(offset, 4), true),
    u32be: (offset) => view.getUint32(need(offset, 4)),
    u64le: (offset) => view.getBigUint64(need(offset, 8), true),
    u64be: (offset) => view.getBigUint64(need(offset, 8)),
    slice: (offset, count) => bytes.subarray(need(offset, count), offset + count),
  };
}
