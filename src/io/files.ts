import { createHash } from 'node:crypto';
import { constants, createReadStream, createWriteStream, fchmodSync } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  lstat,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { abortError, throwIfAborted } from './abort.ts';
import { fileError, isErrno } from './errors.ts';
import { makeDir } from './make-dir.ts';
import type { FilesPort } from './ports.ts';
import { writeTree } from './write-tree.ts';

/** Files on this machine's disk. Modes are set after creation, so that no umask has a say in them. */
export function createFilesPort(signal: AbortSignal): FilesPort {
  /** Name the path in what fails, and begin nothing after an abort. */
  const attempt = async <T>(path: string, mode: 'read' | 'write', action: () => Promise<T>): Promise<T> => {
    throwIfAborted(signal);
    try {
      return await action();
    } catch (cause) {
      throw signal.aborted ? abortError(signal) : fileError(cause, path, mode);
    }
  };

  return {
    readFile: (path) => attempt(path, 'read', () => readFile(path, { signal })),
    readText: (path) => attempt(path, 'read', () => readFile(path, { encoding: 'utf8', signal })),
    list: (path) => attempt(path, 'read', async () => (await readdir(path)).sort()),
    kind: (path) => attempt(path, 'read', () => kindOf(path)),
    sizeBytes: (path) => attempt(path, 'read', async () => (await stat(path)).size),
    realPath: (path) => attempt(path, 'read', () => realpath(path)),
    isWritable: (path) => attempt(path, 'read', () => isWritable(path)),
    isPrivateDir: (path) => attempt(path, 'read', () => isPrivateDir(path)),
    writeFile: (path, data, mode = 0o644) =>
      attempt(path, 'write', async () => {
        // A new file with a secret in it must not stand open between its creation and chmod.
        await writeFile(path, data, { mode: mode & 0o700, signal });
        await chmod(path, mode);
      }),
    makeDir: (path) => attempt(path, 'write', () => makeDir(path)),
    copyFile: (from, to) =>
      attempt(to, 'write', async () => {
        await copyFile(from, to, constants.COPYFILE_FICLONE);
        await chmod(to, ((await stat(from)).mode & 0o111) === 0 ? 0o644 : 0o755);
      }),
    rename: (from, to) => attempt(to, 'write', () => rename(from, to)),
    remove: async (path) => {
      try {
        await rm(path, { recursive: true, force: true, maxRetries: 3 });
      } catch (cause) {
        throw fileError(cause, path, 'write');
      }
    },
    sha256: (path) => attempt(path, 'read', () => hashFile(path, signal)),
    openRead: (path) => createReadStream(path, { signal }),
    openWrite: (path, mode = 0o644) =>
      createWriteStream(path, { mode: mode & 0o700 }).once('open', (fd) => fchmodSync(fd, mode)),
    writeTree: (root, tree, mtimeSec) =>
      attempt(root, 'write', () => writeTree(root, tree, mtimeSec, signal)),
  };
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'missing'> {
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
  } catch (cause) {
    if (isErrno(cause) && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return 'missing';
    throw cause;
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function isPrivateDir(path: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest('hex');
}
