import type { Packed } from './codec.ts';
import { damaged } from './failure.ts';

/** One format of @napi-rs/lzma. */
interface NativeFormat {
  decompress(bytes: Uint8Array): Promise<Uint8Array>;
  decompressSync(bytes: Uint8Array): Uint8Array;
}

/** Decodes data that say beforehand to how much they unpack: native code has no limit of its own. */
export interface SizedDecoder {
  decode(packed: Packed, data: Uint8Array, unpackedBytes: number): Promise<Uint8Array>;
  decodeNow(packed: Packed, data: Uint8Array, unpackedBytes: number): Uint8Array;
}

/**
 * Hold native code to the size that its data announced.
 *
 * @returns functions that throw ImageError CODEC_DAMAGED
 */
export function sizedDecoder(codec: string, native: NativeFormat): SizedDecoder {
  const checkSize = (packed: Packed, unpacked: Uint8Array, unpackedBytes: number): Uint8Array => {
    if (unpacked.byteLength !== unpackedBytes) throw damaged(codec, packed, 'size');
    return unpacked;
  };
  return {
    async decode(packed, data, unpackedBytes) {
      let unpacked: Uint8Array;
      try {
        unpacked = await native.decompress(data);
      } catch (error) {
        throw damaged(codec, packed, 'data', error);
      }
      return checkSize(packed, unpacked, unpackedBytes);
    },
    decodeNow(packed, data, unpackedBytes) {
      let unpacked: Uint8Array;
      try {
        unpacked = native.decompressSync(data);
      } catch (error) {
        throw damaged(codec, packed, 'data', error);
      }
      return checkSize(packed, unpacked, unpackedBytes);
    },
  };
}
