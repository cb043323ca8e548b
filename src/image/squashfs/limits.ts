import { ImageError } from '../errors.ts';

/** Bounds of what a file system may hold: a hostile one of a few kilobytes could claim any number. */
export interface SquashfsLimits {
  readonly maxEntries: number;
  /** Sizes of all files, each counted once however many names it has. */
  readonly maxContentBytes: number;
  /** Directories within directories. */
  readonly maxDepth: number;
  /** Unpacked tables of inodes, directories and owners, with all paths and targets made of them. */
  readonly maxTableBytes: number;
}

/** Far above any router's; a full x86 root has 5,000 entries and 100 MiB. */
export const SQUASHFS_LIMITS: SquashfsLimits = {
  maxEntries: 200_000,
  maxContentBytes: 2 * 1024 ** 3,
  maxDepth: 100,
  maxTableBytes: 64 * 1024 ** 2,
};

const PART = {
  content: 'bytes of files',
  depth: 'levels of directories',
  entries: 'entries',
  tables: 'bytes of tables',
} as const;

/** SQUASHFS_TOO_LARGE: more of something than the limits allow. */
export function overLimit(part: keyof typeof PART, limit: number): ImageError {
  return new ImageError('SQUASHFS_TOO_LARGE', {
    message: `wanted at most ${limit} ${PART[part]} in the squashfs, found more`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { part, limit },
  });
}

/** Bytes that all tables together may still take. */
export interface TableBudget {
  /** @throws ImageError SQUASHFS_TOO_LARGE */
  spend(bytes: number): void;
}

export function makeTableBudget(limits: SquashfsLimits): TableBudget {
  let left = limits.maxTableBytes;
  return {
    spend(bytes) {
      left -= bytes;
      if (left < 0) throw overLimit('tables', limits.maxTableBytes);
    },
  };
}
