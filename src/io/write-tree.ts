import { chmod, lutimes, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTree } from '../overlay/file-tree.ts';
import { throwIfAborted } from './abort.ts';
import { IoError } from './errors.ts';
import { makeDir } from './make-dir.ts';

/**
 * Write a tree below `root`, which is made (0755) or empty: exact modes whatever the umask, every time set to
 * `mtimeSec`, the root's own too: `make image` copies mode and time of that folder to `/` of the router.
 *
 * @throws IoError TREE_REFUSED for an entry that would land outside of `root`, INTERRUPTED; errors of node:fs
 * @see OpenWrt rules.mk (file_copy), include/rootfs.mk (prepare_rootfs)
 */
export async function writeTree(
  root: string,
  tree: FileTree,
  mtimeSec: number,
  signal: AbortSignal,
): Promise<void> {
  checkInside(tree);
  await makeDir(root);
  const folders: { path: string; mode: number }[] = [{ path: root, mode: 0o755 }];
  for (const [path, entry] of tree) {
    throwIfAborted(signal);
    const target = join(root, path);
    switch (entry.type) {
      case 'directory':
        // Its own mode may forbid writing into it, so that comes last.
        await makeDir(target);
        await chmod(target, 0o700);
        folders.push({ path: target, mode: entry.mode });
        break;
      case 'file':
        await writeFile(target, entry.bytes, { flag: 'wx', mode: 0o600, signal });
        await chmod(target, entry.mode);
        await utimes(target, mtimeSec, mtimeSec);
        break;
      case 'symlink':
        await symlink(entry.target, target);
        await lutimes(target, mtimeSec, mtimeSec);
        break;
      default:
        entry satisfies never;
    }
  }
  // Deepest first: a folder's time changes with each entry made in it.
  for (const folder of folders.reverse()) {
    await chmod(folder.path, folder.mode);
    await utimes(folder.path, mtimeSec, mtimeSec);
  }
}

function checkInside(tree: FileTree): void {
  for (const path of tree.keys()) {
    const segments = path.slice(1).split('/');
    const plain =
      path.startsWith('/') && segments.every((name) => name !== '' && name !== '.' && name !== '..');
    const parent = path.slice(0, path.lastIndexOf('/'));
    // A parent that is a link would carry the entry to wherever that points.
    if (plain && (parent === '' || tree.get(parent)?.type === 'directory')) continue;
    throw new IoError('TREE_REFUSED', {
      message: `wanted an entry below the root of the tree, found ${JSON.stringify(path)}`,
      hint: 'this is a bug; please report it',
      details: { path },
    });
  }
}
