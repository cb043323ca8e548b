import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from './errors.ts';

/**
 * Make a folder and the parents it lacks, each 0755 whatever the umask; those that are there stay as they are.
 *
 * Not the recursive mkdir of Node.js, which goes round for ever where a parent is there and takes no folders, as in /proc.
 *
 * @throws errors of node:fs
 */
export async function makeDir(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (cause) {
    if (!isErrno(cause) || cause.code !== 'ENOENT' || dirname(path) === path) throw cause;
    await makeDir(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
    await chmod(path, 0o755);
  } catch (cause) {
    const there = isErrno(cause) && cause.code === 'EEXIST' && (await stat(path)).isDirectory();
    if (!there) throw cause;
  }
}
