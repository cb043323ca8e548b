import { type BytesAt, bytesAt } from '../bytes-at.ts';
import { codecOf, type Packed } from './codec.ts';
import { damaged, tooLarge } from './failure.ts';
import { copyMatch } from './match.ts';

/** What an instruction copies from the output, and how many literals stand behind it. */
interface Match {
  readonly length: number;
  readonly distance: number;
  readonly literals: number;
  readonly next: number;
}

/** How the instruction before ended: with 0 to 3 literals, or with a long run of them. */
const AFTER_RUN = 4;

/** LZO1X data, as squashfs has them. */
export const LZO = codecOf(unpackLzo);

/**
 * Unpack LZO1X data, whose instructions are told apart by their first byte; S is the count of literals behind a match.
 *
 *    00…0f  LLLL           after no literals: a run of L + 3 literals
 *           DDSS u8 H      after 1 to 3 literals: 2 bytes from 4H + D + 1; after a run: 3 bytes from 4H + D + 2049
 *    10…1f  HLLL u16 DS    L + 2 bytes from 16384H + D + 16384; a distance of 16384 is the end
 *    20…3f  LLLLL u16 DS   L + 2 bytes from D + 1
 *    40…7f  LDDDSS u8 H    L + 3 bytes from 8H + D + 1
 *    80…ff  LLDDDSS u8 H   L + 5 bytes from 8H + D + 1
 *
 * An L of 0 in the first four with a run or a u16 goes on in bytes: 255 for each 00, then one that is not. The u16 are
 * little-endian, S in their bits 1 and 0. A first byte of 12 or more is a run of that - 17 literals.
 *
 * @throws ImageError CODEC_DAMAGED, CODEC_TOO_LARGE, IMAGE_TRUNCATED
 * @see Linux Documentation/staging/lzo.rst
 */
function unpackLzo(packed: Packed): Uint8Array {
  const input = bytesAt(packed.bytes, `lzo data at byte ${packed.offset}`);
  const output = Buffer.allocUnsafe(packed.maxBytes);
  let at = 0;
  let end = 0;
  let state = 0;
  const copyLiterals = (count: number): void => {
    if (end + count > packed.maxBytes) throw tooLarge('lzo', packed);
    output.set(input.slice(at, count), end);
    at += count;
    end += count;
  };
  if (input.u8(0) > 17) {
    at = 1;
    const count = input.u8(0) - 17;
    copyLiterals(count);
    state = Math.min(count, AFTER_RUN);
  }
  for (;;) {
    const byte = input.u8(at);
    if (byte < 16 && state === 0) {
      const { length, next } = readLength(input, at, 15);
      at = next;
      copyLiterals(length + 3);
      state = AFTER_RUN;
      continue;
    }
    const { length, distance, literals, next } = readMatch(input, at, state);
    at = next;
    if (byte >= 16 && byte < 32 && distance === 16384) {
      if (at !== input.lengthBytes) throw damaged('lzo', packed, 'size');
      return output.subarray(0, end);
    }
    if (distance > end) throw damaged('lzo', packed, 'data');
    if (end + length > packed.maxBytes) throw tooLarge('lzo', packed);
    copyMatch(output, end, distance, length);
    end += length;
    copyLiterals(literals);
    state = literals;
  }
}

function readMatch(input: BytesAt, at: number, state: number): Match {
  const byte = input.u8(at);
  if (byte >= 64) {
    const length = byte < 128 ? 3 + ((byte >>> 5) & 1) : 5 + ((byte >>> 5) & 3);
    const distance = (input.u8(at + 1) << 3) + ((byte >>> 2) & 7) + 1;
    return { length, distance, literals: byte & 3, next: at + 2 };
  }
  if (byte >= 16) {
    const { length, next } = readLength(input, at, byte < 32 ? 7 : 31);
    const word = input.u16le(next);
    const base = byte < 32 ? 16384 + ((byte & 8) << 11) : 1;
    return { length: length + 2, distance: base + (word >>> 2), literals: word & 3, next: next + 2 };
  }
  const near = (input.u8(at + 1) << 2) + (byte >>> 2);
  const isAfterRun = state === AFTER_RUN;
  return {
    length: isAfterRun ? 3 : 2,
    distance: near + (isAfterRun ? 2049 : 1),
    literals: byte & 3,
    next: at + 2,
  };
}

/** The length in the low bits of an instruction, or behind it where they are 0. */
function readLength(input: BytesAt, at: number, mask: number): { length: number; next: number } {
  const short = input.u8(at) & mask;
  if (short !== 0) return { length: short, next: at + 1 };
  let length = mask;
  let next = at + 1;
  for (; input.u8(next) === 0; next++) length += 255;
  return { length: length + input.u8(next), next: next + 1 };
}
