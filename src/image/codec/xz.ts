import type { Codec, Packed } from './codec.ts';
import { sizedDecoder } from './native.ts';
import { verifyCheck } from './xz-check.ts';
import { parseXz, type XzBlock } from './xz-container.ts';

/** Load what unpacks whole .xz streams, with the branch filters that `xz` readers elsewhere refuse, and verifies every check. */
export async function loadXz(): Promise<Codec> {
  const { lzma2 } = await import('@napi-rs/lzma');
  const decoder = sizedDecoder('xz', lzma2);
  return {
    async unpack(packed) {
      const pieces: Uint8Array[] = [];
      for (const block of parseXz(packed)) {
        const { data, unpackedBytes } = block;
        // A block of nothing is the end mark alone.
        const plain =
          unpackedBytes > 0 ? await decoder.decode(packed, data, unpackedBytes) : new Uint8Array();
        pieces.push(finishBlock(packed, block, plain));
      }
      return join(pieces);
    },
    unpackNow(packed) {
      const pieces = parseXz(packed).map((block) => {
        const { data, unpackedBytes } = block;
        const plain = unpackedBytes > 0 ? decoder.decodeNow(packed, data, unpackedBytes) : new Uint8Array();
        return finishBlock(packed, block, plain);
      });
      return join(pieces);
    },
  };
}

/** Undo the filters, in place, and compare the check. */
function finishBlock(
  packed: Packed,
  { filters, check, wantedCheck }: XzBlock,
  bytes: Uint8Array,
): Uint8Array {
  for (const undo of filters) undo(bytes);
  verifyCheck(packed, check.name, wantedCheck, check.compute(bytes));
  return bytes;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}
