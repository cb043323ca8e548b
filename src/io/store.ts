import { chmod, lstat, readdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { computeSha256, parseSha256, type Sha256 } from '../bytes/sha256.ts';
import { fileError, IoError, isErrno } from './errors.ts';
import { makeDir } from './make-dir.ts';
import type { Ports } from './ports.ts';
import { syncDir, writeFileAtomic } from './store-write.ts';

/** Nobody changes what is named by its content. */
const OBJECT_MODE = 0o444;

export interface StoredObject {
  readonly sha256: Sha256;
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last asked for, in milliseconds since 1970. */
  readonly usedAtMs: number;
}

export type ObjectState =
  | { readonly state: 'sound' | 'missing' }
  | { readonly state: 'damaged'; readonly error: IoError };

/** Files by their SHA-256, at `<dir>/ab/<64 hexadecimal digits>`. Any number of programs may use it at once. */
export interface Store {
  pathOf(sha256: Sha256): string;
  /** Hash what is there again. */
  check(sha256: Sha256): Promise<ObjectState>;
  /** @throws IoError STORE_DAMAGED, FILE_MISSING */
  read(sha256: Sha256): Promise<Uint8Array>;
  put(data: Uint8Array): Promise<Sha256>;
  /** Take over a whole file of that digest from the same file system. */
  adopt(path: string, sha256: Sha256): Promise<void>;
  /** Say that it is used, for whoever removes what is not. */
  touch(sha256: Sha256): Promise<void>;
  remove(sha256: Sha256): Promise<void>;
  list(): Promise<readonly StoredObject[]>;
}

/**
 * @param dir absolute; made when something is put there
 */
export function createStore(ports: Ports, dir: string): Store {
  const pathOf = (sha256: Sha256): string => join(dir, sha256.slice(0, 2), sha256);
  const write = async (path: string, action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (cause) {
      throw fileError(cause, path, 'write');
    }
  };
  return {
    pathOf,
    check: async (sha256) => {
      const path = pathOf(sha256);
      if ((await ports.files.kind(path)) !== 'file') return { state: 'missing' };
      const found = await ports.files.sha256(path);
      if (found === sha256) return { state: 'sound' };
      return { state: 'damaged', error: damagedObject(path, sha256, found) };
    },
    read: async (sha256) => {
      const data = await ports.files.readFile(pathOf(sha256));
      const found = computeSha256(data);
      if (found !== sha256) throw damagedObject(pathOf(sha256), sha256, found);
      return data;
    },
    put: async (data) => {
      const sha256 = computeSha256(data);
      await writeFileAtomic(pathOf(sha256), data, OBJECT_MODE);
      return sha256;
    },
    adopt: async (path, sha256) => {
      const final = pathOf(sha256);
      await write(final, async () => {
        await makeDir(dirname(final));
        await chmod(path, OBJECT_MODE);
        await rename(path, final);
        await syncDir(dirname(final));
      });
    },
    touch: async (sha256) => {
      const nowSec = ports.nowMs() / 1000;
      await write(pathOf(sha256), () => utimes(pathOf(sha256), nowSec, nowSec));
    },
    remove: (sha256) => write(pathOf(sha256), () => rm(pathOf(sha256), { force: true })),
    list: () => listObjects(dir),
  };
}

function damagedObject(path: string, wanted: Sha256, found: string): IoError {
  return new IoError('STORE_DAMAGED', {
    message: `wanted ${path} as it was stored, found other bytes (sha256 ${found})`,
    hint: 'run "mape-image cache verify --fix", then fetch it again; look after the disk',
    details: { path, wanted, found },
  });
}

async function listObjects(dir: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (const folder of await namesIn(dir)) {
    for (const name of await namesIn(join(dir, folder))) {
      if (!/^[0-9a-f]{64}$/.test(name) || !name.startsWith(folder)) continue;
      const path = join(dir, folder, name);
      const found = await lstat(path).catch(() => undefined);
      if (found?.isFile() !== true) continue;
      objects.push({ sha256: parseSha256(name), path, sizeBytes: found.size, usedAtMs: found.mtimeMs });
    }
  }
  return objects;
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (cause) {
    if (isErrno(cause) && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return [];
    throw fileError(cause, dir, 'read');
  }
}
