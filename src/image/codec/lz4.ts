import { bytesAt } from '../bytes-at.ts';
import { codecOf, type Packed } from './codec.ts';
import { damaged, tooLarge } from './failure.ts';
import { copyMatch } from './match.ts';

const MIN_MATCH = 4;

/** LZ4 blocks, as squashfs has them. */
export const LZ4 = codecOf(unpackLz4);

/**
 * Unpack one LZ4 block without a frame.
 *
 *    sequence   0 u8 token: count of literals in bits 7 to 4, length of the match - 4 in bits 3 to 0; 15 means that bytes
 *               follow which are added, up to and with the first that is not ff   literals   u16 distance, little-endian
 *
 * The last sequence ends with its literals.
 *
 * @throws ImageError CODEC_DAMAGED, CODEC_TOO_LARGE, IMAGE_TRUNCATED
 * @see LZ4 doc/lz4_Block_format.md
 */
function unpackLz4(packed: Packed): Uint8Array {
  const input = bytesAt(packed.bytes, `lz4 data at byte ${packed.offset}`);
  const output = Buffer.allocUnsafe(packed.maxBytes);
  let at = 0;
  let end = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (;;) {
      const more = input.u8(at++);
      length += more;
      if (more !== 0xff) return length;
    }
  };
  for (;;) {
    const token = input.u8(at++);
    const literals = readLength(token >>> 4);
    if (end + literals > packed.maxBytes) throw tooLarge('lz4', packed);
    output.set(input.slice(at, literals), end);
    at += literals;
    end += literals;
    if (at === input.lengthBytes) return output.subarray(0, end);
    const distance = input.u16le(at);
    at += 2;
    const length = readLength(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > end) throw damaged('lz4', packed, 'data');
    if (end + length > packed.maxBytes) throw tooLarge('lz4', packed);
    copyMatch(output, end, distance, length);
    end += length;
  }
}
