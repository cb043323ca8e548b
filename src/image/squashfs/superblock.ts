import { type BytesAt, bytesAt } from '../bytes-at.ts';
import { ImageError } from '../errors.ts';
import { type Compression, findCompression } from './compression.ts';
import { refuseOtherFormats } from './other-formats.ts';

const SUPERBLOCK_BYTES = 96;
const MIN_BLOCK_LOG = 12;
const MAX_BLOCK_LOG = 20;
const NO_TABLE = 2n ** 64n - 1n;

/** Where a thing stands in a table of metadata blocks. */
export interface MetadataPosition {
  /** Of its block, in bytes from the beginning of the table. */
  readonly block: number;
  /** In the unpacked block. */
  readonly offset: number;
}

/** All positions are bytes from the beginning of the file system, and lie in it. */
export interface Superblock {
  readonly compression: Compression;
  readonly blockSizeBytes: number;
  /** Of the file system without what pads it. */
  readonly usedBytes: number;
  /** Seconds since 1970. */
  readonly madeAtSec: number;
  readonly rootInode: MetadataPosition;
  readonly inodeTable: TableRange;
  readonly directoryTable: TableRange;
  /** Numbers of owners and groups. */
  readonly idIndex: TableIndex;
  readonly fragmentIndex: TableIndex;
}

/** Metadata blocks one behind the other. */
export interface TableRange {
  readonly start: number;
  readonly end: number;
}

/** A table whose metadata blocks are found by a list of their positions. */
export interface TableIndex {
  /** Of the list. */
  readonly start: number;
  /** Of items in the table. */
  readonly count: number;
}

/**
 * Read the superblock of a squashfs 4.0, the first 96 bytes, little-endian.
 *
 *     0 u32 "hsqs"        4 u32 inodes            8 u32 made at, seconds        12 u32 size of a block
 *    16 u32 fragments    20 u16 compression      22 u16 log2 of 12              24 u16 flags
 *    26 u16 ids          28 u16 major version 4  30 u16 minor version 0         32 u64 root inode (block << 16 | offset)
 *    40 u64 bytes used   48 u64 id index         56 u64 xattr index             64 u64 inode table
 *    72 u64 directory table                      80 u64 fragment index          88 u64 export index
 *
 * A position of 2^64 - 1 says that the file system has no such table.
 *
 * @throws ImageError SQUASHFS_NO_MAGIC, SQUASHFS_OLD_FORMAT, SQUASHFS_BAD_SUPERBLOCK, SQUASHFS_UNKNOWN_COMPRESSION,
 *   IMAGE_TRUNCATED
 * @see Linux fs/squashfs/squashfs_fs.h (struct squashfs_super_block), Documentation/filesystems/squashfs.rst
 */
export function parseSuperblock(image: Uint8Array): Superblock {
  refuseOtherFormats(image);
  const bytes = bytesAt(image.subarray(0, SUPERBLOCK_BYTES), 'squashfs superblock');
  const blockLog = bytes.u16le(22);
  const blockSizeBytes = bytes.u32le(12);
  if (blockLog < MIN_BLOCK_LOG || blockLog > MAX_BLOCK_LOG) throw bad('block log', '12 to 20', blockLog);
  if (blockSizeBytes !== 2 ** blockLog) throw bad('block size', String(2 ** blockLog), blockSizeBytes);
  const usedBytes = readPosition(bytes, 40, 'bytes used', Number.MAX_SAFE_INTEGER);
  if (usedBytes < SUPERBLOCK_BYTES) throw bad('bytes used', `at least ${SUPERBLOCK_BYTES}`, usedBytes);
  bytesAt(image, 'squashfs').slice(0, usedBytes);

  const inodes = readPosition(bytes, 64, 'inode table', usedBytes);
  const directories = readPosition(bytes, 72, 'directory table', usedBytes);
  if (directories < inodes) throw bad('directory table', `at least ${inodes}`, directories);
  const root = bytes.u64le(32);
  const fragmentCount = bytes.u32le(16);
  const ids = { start: readPosition(bytes, 48, 'id index', usedBytes), count: bytes.u16le(26) };
  if (ids.count === 0) throw bad('ids', 'at least 1', 0);
  const fragments = {
    start: fragmentCount === 0 ? usedBytes : readPosition(bytes, 80, 'fragment index', usedBytes),
    count: fragmentCount,
  };
  const later = [fragments.start, readPosition(bytes, 88, 'export index', usedBytes, usedBytes), ids.start]
    .map((index) => firstBlock(image, index, usedBytes))
    .filter((start) => start >= directories);
  return {
    compression: findCompression(bytes.u16le(20)),
    blockSizeBytes,
    usedBytes,
    madeAtSec: bytes.u32le(8),
    rootInode: { block: Number((root >> 16n) & 0xffffffffn), offset: Number(root & 0xffffn) },
    inodeTable: { start: inodes, end: directories },
    directoryTable: { start: directories, end: Math.min(usedBytes, ...later) },
    idIndex: ids,
    fragmentIndex: fragments,
  };
}

/** @param absent what stands for a table that is not there; without it, the table has to be */
function readPosition(bytes: BytesAt, at: number, field: string, limit: number, absent?: number): number {
  const found = bytes.u64le(at);
  if (found === NO_TABLE && absent !== undefined) return absent;
  if (found > BigInt(limit)) throw bad(field, `at most ${limit}`, found.toString());
  return Number(found);
}

/** The first metadata block of a table, which the first item of its index names: all tables stand before their index. */
function firstBlock(image: Uint8Array, index: number, usedBytes: number): number {
  if (index + 8 > usedBytes) return usedBytes;
  const first = bytesAt(image, 'squashfs').u64le(index);
  return first < BigInt(index) ? Number(first) : index;
}

function bad(field: string, wanted: string, found: number | string): ImageError {
  return new ImageError('SQUASHFS_BAD_SUPERBLOCK', {
    message: `wanted ${field} of ${wanted} in the squashfs superblock, found ${found}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { field, wanted, found },
  });
}
