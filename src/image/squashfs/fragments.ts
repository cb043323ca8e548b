import { parseStoredBlock, type StoredBlock, unpackDataBlock } from './data-block.ts';
import { badBlock, badInode } from './failure.ts';
import { type IndexedTable, openIndexedTable } from './indexed-table.ts';
import { overLimit } from './limits.ts';
import type { MetadataSource } from './metadata.ts';
import type { TableIndex } from './superblock.ts';

const FRAGMENT_BYTES = 16;
/** Of unpacked blocks that are kept: neighbouring files share one. */
const MAX_KEPT_BYTES = 16 * 1024 ** 2;

/** Blocks that hold the tails of several files. */
export interface Fragments {
  /**
   * A whole block.
   *
   * @throws ImageError SQUASHFS_BAD_INODE for one that does not exist, SQUASHFS_BAD_BLOCK,
   *   SQUASHFS_TOO_LARGE, IMAGE_TRUNCATED, CODEC_*
   */
  load(index: number): Promise<Uint8Array>;
  /**
   * Bytes a block takes as it is stored.
   *
   * @throws ImageError SQUASHFS_BAD_INODE, SQUASHFS_BAD_BLOCK, IMAGE_TRUNCATED
   */
  storedBytes(index: number): number;
}

/** What fragments are read from. */
export interface FragmentSource extends MetadataSource {
  readonly blockSizeBytes: number;
  /** What all blocks together may unpack to. */
  readonly maxContentBytes: number;
}

/**
 * Read the table of fragments, little-endian, and the blocks it names; the last used stay unpacked.
 *
 *    0 u64 position of the block   8 u32 its size, as in a file's list   12 u32 unused
 *
 * @throws ImageError IMAGE_TRUNCATED
 * @see Linux Documentation/filesystems/squashfs.rst (3.5 Fragment lookup table)
 */
export function openFragments(source: FragmentSource, index: TableIndex): Fragments {
  const { image, codec, blockSizeBytes, maxContentBytes } = source;
  const table = openIndexedTable(source, index, FRAGMENT_BYTES, 'fragment');
  const maxKept = Math.max(2, Math.floor(MAX_KEPT_BYTES / blockSizeBytes));
  const kept = new Map<number, Promise<Uint8Array>>();
  const seen = new Set<number>();
  let seenBytes = 0;
  const find = (item: number) => findFragment(image, blockSizeBytes, table, item);
  const unpack = async (item: number): Promise<Uint8Array> => {
    const unpacked = await unpackDataBlock(image, codec, find(item), blockSizeBytes);
    // Tails of one byte each could stand in as many whole blocks.
    if (!seen.has(item)) seenBytes += unpacked.byteLength;
    seen.add(item);
    if (seenBytes > maxContentBytes) throw overLimit('content', maxContentBytes);
    return unpacked;
  };
  return {
    storedBytes: (item) => find(item).storedBytes,
    load(item) {
      const loading = kept.get(item) ?? unpack(item);
      // A Map keeps the order of insertion: the first is the one whose use is longest ago.
      kept.delete(item);
      kept.set(item, loading);
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      return loading;
    },
  };
}

function findFragment(
  image: Uint8Array,
  blockSizeBytes: number,
  table: IndexedTable,
  item: number,
): StoredBlock {
  if (item >= table.count) throw badInode('fragment');
  const entry = table.read(item);
  const position = entry.u64le(0);
  // A position behind every byte is refused where it is read.
  const at = Number(position > BigInt(image.byteLength) ? BigInt(image.byteLength) : position);
  const block = parseStoredBlock(at, entry.u32le(8), blockSizeBytes);
  if (block.storedBytes === 0) throw badBlock(at, blockSizeBytes, 0);
  return block;
}
