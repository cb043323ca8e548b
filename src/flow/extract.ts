import type { RootEntry } from '../image/root-filesystem.ts';
import type { Squashfs } from '../image/squashfs/squashfs.ts';
import { type FileTree, makeFileTree, type TreeEntry } from '../overlay/file-tree.ts';

/** What was taken out of a root file system. */
export interface Extracted {
  readonly tree: FileTree;
  /** Devices, pipes and sockets: they are no content. */
  readonly leftOut: readonly string[];
}

/**
 * Take all files, directories and links out of a root file system, below `/`. What not everyone may read there is a secret.
 *
 * @throws what reading a content throws
 */
export async function extractTree(squashfs: Squashfs): Promise<Extracted> {
  const leftOut: string[] = [];
  const entries: [string, TreeEntry][] = [];
  for (const entry of squashfs.entries) {
    if (entry.path === '/') continue;
    const taken = await takeEntry(squashfs, entry);
    if (taken === undefined) leftOut.push(entry.path);
    else entries.push([entry.path, taken]);
  }
  return { tree: makeFileTree(entries), leftOut };
}

async function takeEntry(squashfs: Squashfs, entry: RootEntry): Promise<TreeEntry | undefined> {
  const { path, type, mode, target } = entry;
  switch (type) {
    case 'file':
      return { type, mode, bytes: await squashfs.readFile(path), secret: (mode & 0o004) === 0 };
    case 'directory':
      return { type, mode };
    case 'symlink':
      return { type, target: target ?? '' };
    default:
      return undefined;
  }
}
