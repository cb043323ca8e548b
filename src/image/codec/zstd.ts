import { type Codec, codecOf, type Packed } from './codec.ts';
import { damaged } from './failure.ts';

/**
 * Load what unpacks Zstandard data.
 *
 * Node.js has Zstandard from 22.15 on only. zstddec is the reference decoder compiled to WebAssembly, 80 kB, and does not
 * care about the version of Node.js: one way for all, so that all read the same. Of the others, fzstd (pure JavaScript)
 * gives wrong bytes at level 22, and the native ones download their binary when they are installed.
 *
 * It runs on the main thread, where it unpacks programs about four times as fast as xz does in one thread: what that costs is
 * no more than that hashing waits meanwhile, and that more processors make nothing faster.
 *
 * What unpacks to more than it may is CODEC_DAMAGED, too: the decoder does not tell the two apart.
 *
 * @see RFC 8878 §3
 */
export async function loadZstd(): Promise<Codec> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return codecOf((packed) => {
    const unpacked = decode(decoder, packed);
    // A failure inside gives no bytes, and no block of an image is empty.
    if (unpacked.byteLength === 0) throw damaged('zstd', packed, 'data');
    return unpacked;
  });
}

function decode(
  decoder: { decode(bytes: Uint8Array, maxBytes: number): Uint8Array },
  packed: Packed,
): Uint8Array {
  try {
    return decoder.decode(packed.bytes, packed.maxBytes);
  } catch (error) {
    throw damaged('zstd', packed, 'data', error);
  }
}
