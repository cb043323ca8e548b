import { ImageError } from '../errors.ts';

const INODE_PROBLEM = {
  fragment: 'a fragment that does not exist',
  number: 'another number than its directory says',
  owner: 'an owner that does not exist',
  size: 'an impossible size',
  type: 'a type that does not exist',
} as const;

/** SQUASHFS_BAD_INODE: an inode that cannot be, of a path where it is known. */
export function badInode(problem: keyof typeof INODE_PROBLEM, path?: string): ImageError {
  return new ImageError('SQUASHFS_BAD_INODE', {
    message: `wanted a squashfs inode${path === undefined ? '' : ` of ${path}`} that can be, found ${INODE_PROBLEM[problem]}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: path === undefined ? { problem } : { path, problem },
  });
}

/** SQUASHFS_BAD_BLOCK: a block of a size that it cannot have. */
export function badBlock(offset: number, wanted: number, found: number): ImageError {
  return new ImageError('SQUASHFS_BAD_BLOCK', {
    message: `wanted a squashfs block of ${wanted} bytes, or less where it is packed, at byte ${offset}, found ${found}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { offset, wanted, found },
  });
}

/** SQUASHFS_BAD_TABLE: something that goes on behind the end of its table. */
export function pastEnd(table: string, offset: number, end: number): ImageError {
  return new ImageError('SQUASHFS_BAD_TABLE', {
    message: `wanted the squashfs ${table} table to end before byte ${end}, found that it goes on behind byte ${offset}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { table, offset, end },
  });
}
