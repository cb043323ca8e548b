import { bytesAt } from '../bytes-at.ts';
import { cutOff } from './refuse.ts';
import type { RootfsType } from './types.ts';

/** Where a file system lies and what it is. */
export interface FilesystemAt {
  readonly type: RootfsType | 'fat';
  readonly offset: number;
  readonly sizeBytes: number;
}

const SQUASHFS_HEADER_BYTES = 96;
/** "hsqs" */
const SQUASHFS_MAGIC = Uint8Array.of(0x68, 0x73, 0x71, 0x73);
/** Node types of jffs2 that may come first. @see linux include/uapi/linux/jffs2.h */
const JFFS2_NODES: readonly number[] = [0xe001, 0xe002, 0x2003, 0x2004, 0x2006];

/**
 * Tell which file system begins at an offset, by the mark in its superblock. All but squashfs take the whole place up to
 * `end`: what follows them cannot be told from them without reading them.
 *
 *    squashfs   0 "hsqs"    12 u32 block size    22 u16 log2 of it    28 u16 4    30 u16 0    40 u64 bytes used, little-endian
 *    ubi        0 "UBI#"             ubifs  0 u32 0x06101831          jffs2  0 u16 0x1985, 2 u16 node type, either order
 *    ext4    1080 u16 0xef53         f2fs 1024 u32 0xf2f52010         erofs 1024 u32 0xe0f5e1e2        fat 54 or 82 "FAT"
 *
 * @throws ImageError IMAGE_TRUNCATED where a squashfs says of itself that it is longer than the file
 * @see linux Documentation/filesystems/squashfs.rst; fs/{squashfs,ubifs,jffs2,ext4,f2fs,erofs}
 */
export function findFilesystemAt(bytes: Uint8Array, offset: number, end: number): FilesystemAt | undefined {
  if (isSquashfs(bytes, offset)) {
    const used = bytesAt(bytes, 'squashfs superblock').u64le(offset + 40);
    if (used > BigInt(end - offset)) throw cutOff('squashfs', offset, Number(used), end);
    return { type: 'squashfs', offset, sizeBytes: Number(used) };
  }
  const type = readMark(bytes.subarray(offset, end));
  return type === undefined ? undefined : { type, offset, sizeBytes: end - offset };
}

/** The first whole squashfs from an offset on: `undefined` where there is none. */
export function searchSquashfs(bytes: Uint8Array, from: number): FilesystemAt | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (
    let at = buffer.indexOf(SQUASHFS_MAGIC, from);
    at !== -1;
    at = buffer.indexOf(SQUASHFS_MAGIC, at + 1)
  ) {
    if (!isSquashfs(bytes, at)) continue;
    const used = buffer.readBigUInt64LE(at + 40);
    if (used <= BigInt(bytes.byteLength - at))
      return { type: 'squashfs', offset: at, sizeBytes: Number(used) };
  }
  return undefined;
}

function isSquashfs(bytes: Uint8Array, offset: number): boolean {
  if (offset < 0 || offset + SQUASHFS_HEADER_BYTES > bytes.byteLength) return false;
  const read = bytesAt(bytes, 'squashfs superblock');
  return (
    SQUASHFS_MAGIC.every((value, index) => bytes[offset + index] === value) &&
    read.u16le(offset + 28) === 4 &&
    read.u16le(offset + 30) === 0 &&
    read.u16le(offset + 22) <= 20 &&
    read.u32le(offset + 12) === 2 ** read.u16le(offset + 22) &&
    read.u64le(offset + 40) >= SQUASHFS_HEADER_BYTES
  );
}

function readMark(bytes: Uint8Array): FilesystemAt['type'] | undefined {
  const read = bytesAt(bytes, 'file system');
  const u16le = (offset: number): number => (offset + 2 <= bytes.byteLength ? read.u16le(offset) : 0);
  const u16be = (offset: number): number => (offset + 2 <= bytes.byteLength ? read.u16be(offset) : 0);
  const u32le = (offset: number): number => (offset + 4 <= bytes.byteLength ? read.u32le(offset) : 0);
  if (u32le(0) === 0x23494255) return 'ubi';
  if (u32le(0) === 0x06101831) return 'ubifs';
  if (u16le(0) === 0x1985 && JFFS2_NODES.includes(u16le(2))) return 'jffs2';
  if (u16be(0) === 0x1985 && JFFS2_NODES.includes(u16be(2))) return 'jffs2';
  if (u16le(1080) === 0xef53) return 'ext4';
  if (u32le(1024) === 0xf2f52010) return 'f2fs';
  if (u32le(1024) === 0xe0f5e1e2) return 'erofs';
  const isFat = [54, 82].some((at) => u16le(at) === 0x4146 && bytes[at + 2] === 0x54);
  return isFat && u16le(510) === 0xaa55 ? 'fat' : undefined;
}
