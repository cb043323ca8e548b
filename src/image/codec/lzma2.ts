import type { BytesAt } from '../bytes-at.ts';
import type { Packed } from './codec.ts';
import { damaged, tooLarge } from './failure.ts';

/** How far LZMA2 data reach, and to what they unpack. */
export interface Lzma2Extent {
  readonly packedBytes: number;
  readonly unpackedBytes: number;
}

/**
 * Measure LZMA2 data by the headers of their chunks, so that nothing is unpacked which is too large.
 *
 *    00                       the end
 *    01 02    u16 size - 1    a chunk as it is; 01 also clears the dictionary
 *    80 … ff  u16 u16 [u8]    an LZMA chunk: bits 4 to 0 and the first u16 are its unpacked size - 1, the second its
 *                             packed size - 1, both big-endian; from c0 on a byte of properties; from e0 on it also
 *                             clears the dictionary, as the first chunk has to
 *
 * @param at where the data begin in `bytes`
 * @throws ImageError CODEC_DAMAGED, CODEC_TOO_LARGE, IMAGE_TRUNCATED
 * @see Linux lib/xz/xz_dec_lzma2.c (xz_dec_lzma2_run)
 */
export function measureLzma2(packed: Packed, bytes: BytesAt, at: number): Lzma2Extent {
  let unpackedBytes = 0;
  let next = at;
  for (let control = bytes.u8(next); control !== 0; control = bytes.u8(next)) {
    const isLzma = control >= 0x80;
    const clears = control === 1 || control >= 0xe0;
    if ((!isLzma && control > 2) || (next === at && !clears)) throw damaged('xz', packed, 'header');
    if (isLzma) {
      unpackedBytes += ((control & 0x1f) << 16) + bytes.u16be(next + 1) + 1;
      next += (control >= 0xc0 ? 6 : 5) + bytes.u16be(next + 3) + 1;
    } else {
      const size = bytes.u16be(next + 1) + 1;
      unpackedBytes += size;
      next += 3 + size;
    }
    if (unpackedBytes > packed.maxBytes) throw tooLarge('xz', packed);
  }
  return { packedBytes: next + 1 - at, unpackedBytes };
}
