import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './errors.ts';
import { makeDir } from './make-dir.ts';

/**
 * Write a file so that under its name there is the old content or all of the new, whatever ends the program or the machine.
 *
 * @throws IoError DISK_FULL, FILE_UNWRITABLE
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string, mode = 0o644): Promise<void> {
  const temp = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeDir(dirname(path));
    await writeThrough(temp, data, mode);
    await rename(temp, path);
    await syncDir(dirname(path));
  } catch (cause) {
    // What kept it from being written may also keep it from being removed; the first is the one to tell.
    await rm(temp, { force: true }).catch(() => undefined);
    throw fileError(cause, path, 'write');
  }
}

/** Bring a rename in a folder to the disk. */
export async function syncDir(path: string): Promise<void> {
  await withFile(await open(path, 'r'), (dir) => dir.sync());
}

async function writeThrough(path: string, data: Uint8Array | string, mode: number): Promise<void> {
  await withFile(await open(path, 'wx', 0o600), async (file) => {
    await file.writeFile(data);
    await file.chmod(mode);
    await file.sync();
  });
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
