import type { BytesAt } from '../bytes-at.ts';
import type { RootEntryType } from '../root-filesystem.ts';
import { badInode } from './failure.ts';
import { parseTarget } from './name.ts';
import type { MetadataPosition } from './superblock.ts';

const HEADER_BYTES = 16;
/** As the kernel's PATH_MAX: no longer target can be followed. */
const MAX_TARGET_BYTES = 4096;
const NO_FRAGMENT = 0xffffffff;

/** By the number of the type: 1 to 7 basic, 8 to 14 the same with an index of names, links or extended attributes. */
const TYPES: readonly RootEntryType[] = [
  'directory',
  'file',
  'symlink',
  'block-device',
  'char-device',
  'fifo',
  'socket',
];

/** Where a file's content lies; its list of blocks is read when the content is. */
export interface FileContent {
  readonly sizeBytes: number;
  /** Of its first block, from the beginning of the file system. */
  readonly start: number;
  /** The tail that shares a block with other files'. */
  readonly fragment: { readonly index: number; readonly offset: number } | undefined;
  /** Of its list of blocks, in the table of inodes as it is unpacked. */
  readonly blockListAt: number;
}

/** Where a directory's list of names lies. */
export interface DirectoryContent {
  readonly position: MetadataPosition;
  readonly sizeBytes: number;
}

/** What an inode says besides its owner, mode and time. */
export type InodeContent =
  | { readonly type: 'directory'; readonly directory: DirectoryContent }
  | { readonly type: 'file'; readonly file: FileContent }
  | { readonly type: 'symlink'; readonly target: string }
  | {
      readonly type: 'block-device' | 'char-device';
      readonly device: { readonly major: number; readonly minor: number };
    }
  | { readonly type: 'fifo' | 'socket' };

export interface Inode {
  readonly number: number;
  /** 0 to 0o7777. */
  readonly mode: number;
  /** Of the table of owners. */
  readonly uidIndex: number;
  readonly gidIndex: number;
  readonly mtimeSec: number;
  readonly content: InodeContent;
}

/**
 * Read one inode, little-endian.
 *
 *    all          0 u16 type   2 u16 mode   4 u16 uid index   6 u16 gid index   8 u32 mtime   12 u32 number, then
 *    directory    0 u32 block   4 u32 links   8 u16 size + 3   10 u16 offset   12 u32 parent
 *    file         0 u32 start   4 u32 fragment   8 u32 offset in it   12 u32 size   16 u32[] sizes of blocks
 *    symlink      0 u32 links   4 u32 size   8 target
 *    device       0 u32 links   4 u32 number
 *    directory+   0 u32 links   4 u32 size + 3   8 u32 block   12 u32 parent   16 u16 indexes   18 u16 offset   20 u32 xattr
 *    file+        0 u64 start   8 u64 size   16 u64 sparse   24 u32 links   28 u32 fragment   32 u32 offset   36 u32 xattr
 *                 40 u32[] sizes of blocks
 *
 * The other extended ones are the basic ones with an xattr behind them.
 *
 * @param bytes the table of inodes, unpacked
 * @throws ImageError SQUASHFS_BAD_INODE, IMAGE_TRUNCATED
 * @see Linux Documentation/filesystems/squashfs.rst (3.2 Inodes), fs/squashfs/squashfs_fs.h
 */
export function readInode(bytes: BytesAt, at: number): Inode {
  const number = bytes.u16le(at);
  const isExtended = number > TYPES.length;
  const type = TYPES[number - 1 - (isExtended ? TYPES.length : 0)];
  if (type === undefined) throw badInode('type');
  return {
    number: bytes.u32le(at + 12),
    mode: bytes.u16le(at + 2) & 0o7777,
    uidIndex: bytes.u16le(at + 4),
    gidIndex: bytes.u16le(at + 6),
    mtimeSec: bytes.u32le(at + 8),
    content: readContent(bytes, at + HEADER_BYTES, type, isExtended),
  };
}

function readContent(bytes: BytesAt, at: number, type: RootEntryType, isExtended: boolean): InodeContent {
  switch (type) {
    case 'directory':
      return { type, directory: isExtended ? extendedDirectory(bytes, at) : basicDirectory(bytes, at) };
    case 'file':
      return { type, file: isExtended ? extendedFile(bytes, at) : basicFile(bytes, at) };
    case 'symlink': {
      const size = bytes.u32le(at + 4);
      if (size === 0 || size > MAX_TARGET_BYTES) throw badInode('size');
      return { type, target: parseTarget(bytes.slice(at + 8, size)) };
    }
    case 'block-device':
    case 'char-device': {
      // Linux include/linux/kdev_t.h (new_decode_dev): 12 bits of major in the middle of 20 bits of minor.
      const device = bytes.u32le(at + 4);
      const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
      return { type, device: { major: (device >>> 8) & 0xfff, minor } };
    }
    case 'fifo':
    case 'socket':
      return { type };
    default:
      return type satisfies never;
  }
}

function basicDirectory(bytes: BytesAt, at: number): DirectoryContent {
  return directoryOf(bytes.u16le(at + 8), bytes.u32le(at), bytes.u16le(at + 10));
}

function extendedDirectory(bytes: BytesAt, at: number): DirectoryContent {
  return directoryOf(bytes.u32le(at + 4), bytes.u32le(at + 8), bytes.u16le(at + 18));
}

/** The size counts 3 bytes for `.` and `..`, which are not there. */
function directoryOf(size: number, block: number, offset: number): DirectoryContent {
  return { position: { block, offset }, sizeBytes: Math.max(0, size - 3) };
}

function basicFile(bytes: BytesAt, at: number): FileContent {
  return {
    sizeBytes: bytes.u32le(at + 12),
    start: bytes.u32le(at),
    fragment: fragmentOf(bytes.u32le(at + 4), bytes.u32le(at + 8)),
    blockListAt: at + 16,
  };
}

function extendedFile(bytes: BytesAt, at: number): FileContent {
  const start = bytes.u64le(at);
  const size = bytes.u64le(at + 8);
  if (start > Number.MAX_SAFE_INTEGER || size > Number.MAX_SAFE_INTEGER) throw badInode('size');
  return {
    sizeBytes: Number(size),
    start: Number(start),
    fragment: fragmentOf(bytes.u32le(at + 28), bytes.u32le(at + 32)),
    blockListAt: at + 40,
  };
}

function fragmentOf(index: number, offset: number): FileContent['fragment'] {
  return index === NO_FRAGMENT ? undefined : { index, offset };
}
