import { type BytesAt, bytesAt } from '../bytes-at.ts';
import type { Codec } from '../codec/codec.ts';
import { badBlock, pastEnd } from './failure.ts';
import type { TableBudget } from './limits.ts';
import type { MetadataPosition, TableRange } from './superblock.ts';

/** What a metadata block unpacks to; only the last of a table is shorter. */
export const METADATA_BYTES = 8192;

/** A table of metadata blocks, unpacked. */
export interface MetadataTable {
  /** All blocks in one piece. */
  readonly bytes: BytesAt;
  /**
   * Where a position is in `bytes`.
   *
   * @throws ImageError SQUASHFS_BAD_TABLE
   */
  locate(position: MetadataPosition): number;
}

export interface MetadataSource {
  /** The file system without what pads it. */
  readonly image: Uint8Array;
  readonly codec: Codec;
  readonly budget: TableBudget;
}

interface PackedBlock {
  /** Of its two bytes of size. */
  readonly at: number;
  readonly stored: Uint8Array;
  readonly isCompressed: boolean;
}

/**
 * Unpack a table of metadata blocks.
 *
 *    0 u16 little-endian: size of what follows, bit 15 where it is not compressed   2 up to 8192 bytes when unpacked
 *
 * @param name of the table, for errors
 * @throws ImageError SQUASHFS_BAD_BLOCK, SQUASHFS_TOO_LARGE, IMAGE_TRUNCATED, CODEC_*
 * @see Linux Documentation/filesystems/squashfs.rst (3.2 Inodes: metadata blocks), fs/squashfs/block.c
 */
export function loadMetadata(source: MetadataSource, name: string, range: TableRange): MetadataTable {
  const places = new Map<number, { readonly at: number; readonly sizeBytes: number }>();
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const block of listBlocks(source, name, range)) {
    const unpacked = unpackBlock(source, block);
    places.set(block.at - range.start, { at, sizeBytes: unpacked.byteLength });
    pieces.push(unpacked);
    at += unpacked.byteLength;
  }
  return {
    bytes: bytesAt(Buffer.concat(pieces), `squashfs ${name} table`),
    locate({ block, offset }) {
      const place = places.get(block);
      if (place === undefined || offset >= place.sizeBytes)
        throw pastEnd(name, range.start + block, range.end);
      return place.at + offset;
    },
  };
}

/**
 * Unpack one metadata block.
 *
 * @param at of its size, from the beginning of the file system
 * @throws ImageError SQUASHFS_BAD_BLOCK, SQUASHFS_TOO_LARGE, IMAGE_TRUNCATED, CODEC_*
 */
export function loadMetadataBlock(source: MetadataSource, at: number): Uint8Array {
  return unpackBlock(source, parseBlock(source, bytesAt(source.image, 'squashfs'), at));
}

function* listBlocks(source: MetadataSource, name: string, range: TableRange): Generator<PackedBlock> {
  const bytes = bytesAt(source.image.subarray(0, range.end), `squashfs ${name} table`);
  for (let at = range.start; at < range.end; ) {
    const block = parseBlock(source, bytes, at);
    yield block;
    at += 2 + block.stored.byteLength;
  }
}

function parseBlock(source: MetadataSource, bytes: BytesAt, at: number): PackedBlock {
  const header = bytes.u16le(at);
  const size = header & 0x7fff;
  if (size === 0 || size > METADATA_BYTES) throw badBlock(at, METADATA_BYTES, size);
  source.budget.spend(METADATA_BYTES);
  return { at, stored: bytes.slice(at + 2, size), isCompressed: (header & 0x8000) === 0 };
}

function unpackBlock({ codec }: MetadataSource, block: PackedBlock): Uint8Array {
  if (!block.isCompressed) return block.stored;
  return codec.unpackNow({ bytes: block.stored, offset: block.at + 2, maxBytes: METADATA_BYTES });
}
