import { computeSha256 } from '../../bytes/sha256.ts';
import type { BytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import { ImageError } from '../errors.ts';
import type { Packed } from './codec.ts';
import { computeCrc64 } from './crc64.ts';

/** A digest at the end of each block, as hexadecimal digits, the highest first. */
export interface XzCheck {
  readonly name: string;
  readonly sizeBytes: number;
  read(bytes: BytesAt, at: number): string;
  compute(unpacked: Uint8Array): string;
}

/**
 * The checks that xz writes, by their number in the stream flags.
 *
 * @see The .xz File Format §2.1.1.2 (stream flags)
 */
export const XZ_CHECK: Readonly<Record<number, XzCheck>> = {
  0: { name: 'no check', sizeBytes: 0, read: () => '', compute: () => '' },
  1: {
    name: 'crc32',
    sizeBytes: 4,
    read: (bytes, at) => hex(bytes.u32le(at), 8),
    compute: (unpacked) => hex(computeCrc32(unpacked), 8),
  },
  4: {
    name: 'crc64',
    sizeBytes: 8,
    read: (bytes, at) => hex(bytes.u64le(at), 16),
    compute: (unpacked) => hex(computeCrc64(unpacked), 16),
  },
  10: {
    name: 'sha256',
    sizeBytes: 32,
    read: (bytes, at) => Buffer.from(bytes.slice(at, 32)).toString('hex'),
    compute: computeSha256,
  },
};

/**
 * Compare a digest with the bytes it stands for.
 *
 * @throws ImageError CODEC_BAD_CHECK
 */
export function verifyCheck(packed: Packed, check: string, wanted: string, found: string): void {
  if (wanted === found) return;
  throw new ImageError('CODEC_BAD_CHECK', {
    message: `wanted ${check} ${wanted} in the xz data at byte ${packed.offset}, found ${found}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { codec: 'xz', offset: packed.offset, check, wanted, found },
  });
}

/** A number in hexadecimal with leading zeros. */
export function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
