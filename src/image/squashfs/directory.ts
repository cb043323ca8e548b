import { ImageError } from '../errors.ts';
import type { DirectoryContent } from './inode.ts';
import type { MetadataTable } from './metadata.ts';
import { parseName } from './name.ts';
import type { MetadataPosition } from './superblock.ts';

const HEADER_BYTES = 12;
const ITEM_BYTES = 8;
/** Of one header. @see Linux fs/squashfs/squashfs_fs.h (SQUASHFS_DIR_COUNT) */
const MAX_ITEMS = 256;
const MAX_NAME_BYTES = 256;

/** One name in a directory. */
export interface DirectoryItem {
  readonly name: string;
  readonly inode: MetadataPosition;
  readonly inodeNumber: number;
}

/**
 * Make what reads the names of one directory; of what is found in it, only the names are checked.
 *
 *    header   0 u32 count - 1   4 u32 block of the inodes   8 u32 number of an inode
 *    item     0 u16 offset of its inode   2 i16 its number - that of the header   4 u16 basic type   6 u16 length - 1   8 name
 *
 * A header stands before at most 256 items, all little-endian. The path of the directory is for errors.
 *
 * @returns a function that throws ImageError SQUASHFS_BAD_DIRECTORY, SQUASHFS_BAD_NAME, SQUASHFS_BAD_TABLE, IMAGE_TRUNCATED
 * @see Linux Documentation/filesystems/squashfs.rst (3.3 Directories), fs/squashfs/dir.c
 */
export function openDirectories(
  table: MetadataTable,
): (directory: DirectoryContent, path: string) => Iterable<DirectoryItem> {
  const { bytes } = table;
  // Names are cut out of one string, which is faster than a view of the bytes for each.
  const latin1 = Buffer.from(bytes.slice(0, bytes.lengthBytes)).toString('latin1');
  return function* readDirectory({ position, sizeBytes }, path) {
    if (sizeBytes === 0) return;
    const names = new Set<string>();
    let at = table.locate(position);
    const end = at + bytes.slice(at, sizeBytes).byteLength;
    const pass = (count: number): number => {
      at += count;
      if (at > end) throw badDirectory('size', path);
      return at - count;
    };
    while (at < end) {
      const header = pass(HEADER_BYTES);
      const count = bytes.u32le(header) + 1;
      const block = bytes.u32le(header + 4);
      const base = bytes.u32le(header + 8);
      if (count > MAX_ITEMS) throw badDirectory('count', path);
      for (let index = 0; index < count; index++) {
        const item = pass(ITEM_BYTES);
        const nameBytes = bytes.u16le(item + 6) + 1;
        if (nameBytes > MAX_NAME_BYTES) throw badDirectory('size', path);
        const nameAt = pass(nameBytes);
        const name = parseName(latin1.slice(nameAt, nameAt + nameBytes), path);
        if (names.has(name)) throw badDirectory('duplicate', path);
        names.add(name);
        // An i16 read as u16: the sum is taken in 32 bits, as the kernel does.
        const inodeNumber = (base + ((bytes.u16le(item + 2) << 16) >> 16)) >>> 0;
        yield { name, inode: { block, offset: bytes.u16le(item) }, inodeNumber };
      }
    }
  };
}

const PROBLEM = {
  count: `more than ${MAX_ITEMS} names behind one header`,
  duplicate: 'one name twice',
  size: 'names that do not fit into its size',
} as const;

function badDirectory(problem: keyof typeof PROBLEM, path: string): ImageError {
  return new ImageError('SQUASHFS_BAD_DIRECTORY', {
    message: `wanted a whole directory ${path} in the squashfs, found ${PROBLEM[problem]}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { path, problem },
  });
}
