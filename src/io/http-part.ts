import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError, isErrno } from './errors.ts';
import { makeDir } from './make-dir.ts';
import { writeFileAtomic } from './store-write.ts';

/** What `If-Range` asks for: an entity tag in quotation marks, or a date. */
export type Validator = string;

/** A file that grows, with the digest of what it holds. */
export interface Part {
  sizeBytes(): number;
  /** Of the file on the server that this one is the beginning of; absent where there is nothing to go on with. */
  validator(): Validator | undefined;
  append(chunk: Uint8Array): Promise<void>;
  /** Throw away what there is, for an answer with this validator. */
  restart(validator: Validator | undefined): Promise<void>;
  /** Bring all to the disk and give the digest, once; no other call but `close` follows. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

/** Bytes hashed at a time of what an earlier run left. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Open a partial download. What an earlier run left counts where it came from the same address; its bytes are hashed again.
 *
 * @throws IoError DISK_FULL, FILE_UNWRITABLE
 */
export async function openPart(path: string, url: string, limitBytes: number): Promise<Part> {
  const attempt = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      throw fileError(cause, path, 'write');
    }
  };
  return attempt(async () => {
    await makeDir(dirname(path));
    let validator = await readValidator(path, url);
    const file = await open(path, 'a+', 0o644);
    if (validator === undefined) await file.truncate(0);
    const left = await hashFile(file, limitBytes);
    let { hash, sizeBytes } = left;
    return {
      sizeBytes: () => sizeBytes,
      validator: () => (sizeBytes > 0 ? validator : undefined),
      append: (chunk) =>
        attempt(async () => {
          await file.appendFile(chunk);
          hash.update(chunk);
          sizeBytes += chunk.byteLength;
        }),
      restart: (next) =>
        attempt(async () => {
          await file.truncate(0);
          hash = createHash('sha256');
          sizeBytes = 0;
          validator = next;
          await writeValidator(path, url, next);
        }),
      finish: () =>
        attempt(async () => {
          await file.sync();
          return hash.digest('hex');
        }),
      close: () => file.close(),
    };
  });
}

async function hashFile(file: FileHandle, limitBytes: number): Promise<{ hash: Hash; sizeBytes: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return { hash, sizeBytes: position };
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
    if (position > limitBytes) {
      await file.truncate(0);
      return { hash: createHash('sha256'), sizeBytes: 0 };
    }
  }
}

function notePath(path: string): string {
  return `${path}.json`;
}

async function writeValidator(path: string, url: string, validator: Validator | undefined): Promise<void> {
  if (validator === undefined) await rm(notePath(path), { force: true });
  else await writeFileAtomic(notePath(path), JSON.stringify({ url, validator }));
}

/** A note that is not there, is damaged or is of another address leaves nothing to go on with. */
async function readValidator(path: string, url: string): Promise<Validator | undefined> {
  let note: unknown;
  try {
    note = JSON.parse(await readFile(notePath(path), 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError || (isErrno(cause) && cause.code === 'ENOENT')) return undefined;
    throw cause;
  }
  if (typeof note !== 'object' || note === null || !('url' in note) || !('validator' in note))
    return undefined;
  return note.url === url && typeof note.validator === 'string' ? note.validator : undefined;
}
