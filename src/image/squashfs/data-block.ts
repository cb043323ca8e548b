import { bytesAt } from '../bytes-at.ts';
import type { Codec } from '../codec/codec.ts';
import { badBlock } from './failure.ts';

const NOT_COMPRESSED = 0x1000000;
const SIZE_MASK = 0xffffff;

/** One data block as a list of blocks names it. */
export interface StoredBlock {
  /** Of its first byte, from the beginning of the file system. */
  readonly at: number;
  /** In the file system; 0 for a block of zeros that is not there. */
  readonly storedBytes: number;
  readonly isCompressed: boolean;
}

/**
 * Read the size of a data block: bits 0 to 23 are its bytes in the file system, bit 24 says that they are not compressed.
 *
 * @throws ImageError SQUASHFS_BAD_BLOCK
 * @see Linux fs/squashfs/squashfs_fs.h (SQUASHFS_COMPRESSED_SIZE_BLOCK)
 */
export function parseStoredBlock(at: number, word: number, blockSizeBytes: number): StoredBlock {
  const storedBytes = word & SIZE_MASK;
  if (word >>> 0 > (NOT_COMPRESSED | SIZE_MASK) || storedBytes > blockSizeBytes)
    throw badBlock(at, blockSizeBytes, word >>> 0 > (NOT_COMPRESSED | SIZE_MASK) ? word >>> 0 : storedBytes);
  return { at, storedBytes, isCompressed: (word & NOT_COMPRESSED) === 0 };
}

/**
 * Unpack a data block that is there.
 *
 * @throws ImageError IMAGE_TRUNCATED, CODEC_*
 */
export async function unpackDataBlock(
  image: Uint8Array,
  codec: Codec,
  block: StoredBlock,
  maxBytes: number,
): Promise<Uint8Array> {
  const stored = bytesAt(image, 'squashfs').slice(block.at, block.storedBytes);
  if (!block.isCompressed) return stored;
  return codec.unpack({ bytes: stored, offset: block.at, maxBytes });
}
