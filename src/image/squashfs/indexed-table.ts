import { type BytesAt, bytesAt } from '../bytes-at.ts';
import { loadMetadataBlock, METADATA_BYTES, type MetadataSource } from './metadata.ts';
import type { TableIndex } from './superblock.ts';

/** Items of one size, each in one metadata block; a block is unpacked when it is first read. */
export interface IndexedTable {
  readonly count: number;
  /** The item's own bytes. */
  read(item: number): BytesAt;
}

/**
 * Read a table whose metadata blocks are found by a list of u64 positions, little-endian.
 *
 * @param name of the table, for errors
 * @throws ImageError IMAGE_TRUNCATED where the list reaches behind the end
 * @see Linux Documentation/filesystems/squashfs.rst (3.5 Fragment lookup table, 3.6 Uid/gid lookup table)
 */
export function openIndexedTable(
  source: MetadataSource,
  index: TableIndex,
  itemBytes: number,
  name: string,
): IndexedTable {
  const { image } = source;
  const itemsPerBlock = METADATA_BYTES / itemBytes;
  const listBytes = 8 * Math.ceil(index.count / itemsPerBlock);
  const list = bytesAt(bytesAt(image, 'squashfs').slice(index.start, listBytes), `squashfs ${name} index`);
  const blocks = new Map<number, Uint8Array>();
  const load = (at: number): Uint8Array => {
    const block = blocks.get(at) ?? loadMetadataBlock(source, at);
    blocks.set(at, block);
    return block;
  };
  return {
    count: index.count,
    read(item) {
      const position = list.u64le(8 * Math.floor(item / itemsPerBlock));
      // A position behind every byte is refused where it is read.
      const at = Number(position > BigInt(image.byteLength) ? BigInt(image.byteLength) : position);
      const block = bytesAt(load(at), `squashfs ${name} table`);
      return bytesAt(block.slice((item % itemsPerBlock) * itemBytes, itemBytes), `squashfs ${name}`);
    },
  };
}
