import type { BytesAt } from '../bytes-at.ts';
import type { Codec } from '../codec/codec.ts';
import { BLOCKS_AHEAD, workAhead } from './ahead.ts';
import { parseStoredBlock, type StoredBlock, unpackDataBlock } from './data-block.ts';
import { badBlock, badInode } from './failure.ts';
import type { Fragments } from './fragments.ts';
import type { FileContent } from './inode.ts';

/** What contents are read from. */
export interface ContentSource {
  /** The file system without what pads it. */
  readonly image: Uint8Array;
  readonly codec: Codec;
  readonly blockSizeBytes: number;
  /** The table of inodes, unpacked: lists of blocks stand in it. */
  readonly inodes: BytesAt;
  readonly fragments: Fragments;
}

/** A part of a file, of a block's size but for the last. */
export type Piece =
  | { readonly from: 'block'; readonly sizeBytes: number; readonly block: StoredBlock }
  | {
      readonly from: 'fragment';
      readonly sizeBytes: number;
      readonly index: number;
      readonly offset: number;
    };

/**
 * Find the parts of one file, in order, from its list of blocks.
 *
 * @throws ImageError SQUASHFS_BAD_BLOCK, IMAGE_TRUNCATED
 * @see Linux fs/squashfs/file.c
 */
export function* listPieces(source: ContentSource, file: FileContent): Generator<Piece> {
  const { blockSizeBytes } = source;
  const { fragment, sizeBytes } = file;
  const tailBytes = sizeBytes % blockSizeBytes;
  const wholeBlocks = (sizeBytes - tailBytes) / blockSizeBytes;
  const isTailBlock = tailBytes > 0 && fragment === undefined;
  let at = file.start;
  for (let index = 0; index < wholeBlocks + (isTailBlock ? 1 : 0); index++) {
    const word = source.inodes.u32le(file.blockListAt + 4 * index);
    const block = parseStoredBlock(at, word, blockSizeBytes);
    yield { from: 'block', sizeBytes: index < wholeBlocks ? blockSizeBytes : tailBytes, block };
    at += block.storedBytes;
  }
  if (fragment !== undefined && tailBytes > 0) yield { from: 'fragment', sizeBytes: tailBytes, ...fragment };
}

/**
 * Unpack a part of a file.
 *
 * @returns a view where others share it: not to be written to
 * @throws ImageError SQUASHFS_BAD_BLOCK, SQUASHFS_BAD_INODE, IMAGE_TRUNCATED, CODEC_*
 */
export async function unpackPiece(source: ContentSource, piece: Piece): Promise<Uint8Array> {
  const { sizeBytes } = piece;
  if (piece.from === 'fragment') {
    const shared = await source.fragments.load(piece.index);
    if (piece.offset + sizeBytes > shared.byteLength) throw badInode('fragment');
    return shared.subarray(piece.offset, piece.offset + sizeBytes);
  }
  const { block } = piece;
  if (block.storedBytes === 0) return new Uint8Array(sizeBytes);
  const unpacked = await unpackDataBlock(source.image, source.codec, block, sizeBytes);
  if (unpacked.byteLength !== sizeBytes) throw badBlock(block.at, sizeBytes, unpacked.byteLength);
  return unpacked;
}

/**
 * Read one file whole, several blocks at a time.
 *
 * @throws ImageError what listPieces and unpackPiece throw
 */
export async function readContent(source: ContentSource, file: FileContent): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const unpacked = workAhead(listPieces(source, file), BLOCKS_AHEAD, (piece) => unpackPiece(source, piece));
  for await (const piece of unpacked) pieces.push(piece);
  return Buffer.concat(pieces);
}
