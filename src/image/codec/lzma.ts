import { bytesAt } from '../bytes-at.ts';
import type { Codec, Packed } from './codec.ts';
import { damaged, tooLarge } from './failure.ts';
import { sizedDecoder } from './native.ts';

/** Properties, size of the dictionary, size of the data. */
const HEADER_BYTES = 13;

/**
 * Load what unpacks data in the format of the old `lzma` program.
 *
 *    0 u8 properties   1 u32 size of the dictionary   5 u64 size when unpacked, all little-endian   13 LZMA
 *
 * @see LZMA SDK, lzma-specification.txt (lzma file format)
 */
export async function loadLzma(): Promise<Codec> {
  const { lzma } = await import('@napi-rs/lzma');
  const decoder = sizedDecoder('lzma', lzma);
  return {
    async unpack(packed) {
      const sizeBytes = readSize(packed);
      return decoder.decode(packed, withSmallDictionary(packed), sizeBytes);
    },
    unpackNow(packed) {
      const sizeBytes = readSize(packed);
      return decoder.decodeNow(packed, withSmallDictionary(packed), sizeBytes);
    },
  };
}

function readSize(packed: Packed): number {
  if (packed.bytes.byteLength < HEADER_BYTES) throw damaged('lzma', packed, 'cut');
  const size = bytesAt(packed.bytes, 'lzma header').u64le(5);
  if (size > BigInt(packed.maxBytes)) throw tooLarge('lzma', packed);
  return Number(size);
}

/** A dictionary longer than the data is never filled, but might be paid for. */
function withSmallDictionary({ bytes, maxBytes }: Packed): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(Math.min(copy.readUInt32LE(1), Math.max(4096, maxBytes)), 1);
  return copy;
}
