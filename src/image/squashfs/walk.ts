import { ImageError } from '../errors.ts';
import type { RootEntry } from '../root-filesystem.ts';
import { openDirectories } from './directory.ts';
import { badInode } from './failure.ts';
import { type DirectoryContent, type FileContent, type Inode, readInode } from './inode.ts';
import { overLimit, type SquashfsLimits, type TableBudget } from './limits.ts';
import type { MetadataTable } from './metadata.ts';
import type { MetadataPosition } from './superblock.ts';

/** What a walk reads. */
export interface Tree {
  readonly root: MetadataPosition;
  readonly inodes: MetadataTable;
  readonly directories: MetadataTable;
  /** Numbers of owners and groups. */
  readonly ids: readonly number[];
  readonly limits: SquashfsLimits;
  readonly budget: TableBudget;
}

export interface Found {
  /** Sorted by path in code units. */
  readonly entries: readonly RootEntry[];
  /** By path; names of one file have one value. */
  readonly files: ReadonlyMap<string, FileContent>;
}

interface Todo {
  readonly path: string;
  readonly depth: number;
  readonly directory: DirectoryContent;
}

/**
 * Find everything in a file system, from its root down.
 *
 * @throws ImageError SQUASHFS_LOOP, SQUASHFS_TOO_LARGE, and what reading inodes and directories throws
 */
export function walkTree(tree: Tree): Found {
  const entries: RootEntry[] = [];
  const files = new Map<string, FileContent>();
  const knownFiles = new Map<number, FileContent>();
  const knownDirectories = new Set<number>();
  const todo: Todo[] = [];
  let contentBytes = 0;

  const add = (path: string, depth: number, at: number, inode: Inode): void => {
    const { content } = inode;
    entries.push(makeEntry(tree.ids, path, inode));
    if (entries.length > tree.limits.maxEntries) throw overLimit('entries', tree.limits.maxEntries);
    tree.budget.spend(path.length + (content.type === 'symlink' ? content.target.length : 0));
    if (content.type === 'directory') {
      if (knownDirectories.has(at)) throw loop(path);
      knownDirectories.add(at);
      if (depth > tree.limits.maxDepth) throw overLimit('depth', tree.limits.maxDepth);
      todo.push({ path, depth, directory: content.directory });
    } else if (content.type === 'file') {
      const file = knownFiles.get(at) ?? content.file;
      if (file === content.file) contentBytes += file.sizeBytes;
      if (contentBytes > tree.limits.maxContentBytes) throw overLimit('content', tree.limits.maxContentBytes);
      knownFiles.set(at, file);
      files.set(path, file);
    }
  };

  const readDirectory = openDirectories(tree.directories);
  const rootAt = tree.inodes.locate(tree.root);
  const root = readInode(tree.inodes.bytes, rootAt);
  if (root.content.type !== 'directory') throw badInode('type', '/');
  add('/', 0, rootAt, root);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const parent = next.path === '/' ? '' : next.path;
    for (const item of readDirectory(next.directory, next.path)) {
      const at = tree.inodes.locate(item.inode);
      const inode = readInode(tree.inodes.bytes, at);
      const path = `${parent}/${item.name}`;
      if (inode.number !== item.inodeNumber) throw badInode('number', path);
      add(path, next.depth + 1, at, inode);
    }
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { entries, files };
}

/** Each is written out: to spread into them what they share takes as long as all else of a walk. */
function makeEntry(ids: readonly number[], path: string, inode: Inode): RootEntry {
  const uid = ids[inode.uidIndex];
  const gid = ids[inode.gidIndex];
  if (uid === undefined || gid === undefined) throw badInode('owner', path);
  const { content, mode, mtimeSec } = inode;
  switch (content.type) {
    case 'file':
      return { path, type: content.type, mode, uid, gid, mtimeSec, sizeBytes: content.file.sizeBytes };
    case 'symlink':
      return { path, type: content.type, mode, uid, gid, mtimeSec, sizeBytes: 0, target: content.target };
    case 'block-device':
    case 'char-device':
      return { path, type: content.type, mode, uid, gid, mtimeSec, sizeBytes: 0, device: content.device };
    default:
      return { path, type: content.type, mode, uid, gid, mtimeSec, sizeBytes: 0 };
  }
}

function loop(path: string): ImageError {
  return new ImageError('SQUASHFS_LOOP', {
    message: `wanted each directory of the squashfs once, found ${path} to be one that stands elsewhere too`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { path },
  });
}
