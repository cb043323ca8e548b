import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { computeSha256, parseSha256 } from '../../src/bytes/sha256.ts';
import { withFileLock } from '../../src/io/lock.ts';
import { createStore } from '../../src/io/store.ts';
import { isLocked, runUnlessLocked } from '../../src/io/store-lock.ts';
import { measureUsage } from '../../src/io/store-usage.ts';
import { writeFileAtomic } from '../../src/io/store-write.ts';
import { codeOf, createTempDir, createTestPorts } from './ports.ts';
import { lacksTools } from './tools.ts';

const ports = createTestPorts();
const DATA = Buffer.from('some data\n');
const DIGEST = computeSha256(DATA);

describe('store', () => {
  it('keeps a file under its digest, read-only, and gives it back', async () => {
    const dir = createTempDir();
    const store = createStore(ports, dir);
    expect(await store.put(DATA)).toBe(DIGEST);
    expect(store.pathOf(DIGEST)).toBe(join(dir, DIGEST.slice(0, 2), DIGEST));
    expect(statSync(store.pathOf(DIGEST)).mode & 0o777).toBe(0o444);
    expect(Buffer.from(await store.read(DIGEST)).equals(DATA)).toBe(true);
    expect(readdirSync(join(dir, DIGEST.slice(0, 2)))).toEqual([DIGEST]);
  });

  it('hashes again whatever it gives', async () => {
    const store = createStore(ports, createTempDir());
    expect((await store.check(DIGEST)).state).toBe('missing');
    expect(await codeOf(store.read(DIGEST))).toBe('FILE_MISSING');
    await store.put(DATA);
    expect((await store.check(DIGEST)).state).toBe('sound');
    spawnSync('chmod', ['u+w', store.pathOf(DIGEST)]);
    for (const harm of [
      () => writeFileSync(store.pathOf(DIGEST), 'swapped'),
      () => truncateSync(store.pathOf(DIGEST)),
    ]) {
      harm();
      expect((await store.check(DIGEST)).state).toBe('damaged');
      expect(await codeOf(store.read(DIGEST))).toBe('STORE_DAMAGED');
    }
  });

  it('takes over a whole file', async () => {
    const dir = createTempDir();
    const store = createStore(ports, join(dir, 'store'));
    writeFileSync(join(dir, 'part'), DATA);
    await store.adopt(join(dir, 'part'), DIGEST);
    expect(existsSync(join(dir, 'part'))).toBe(false);
    expect((await store.check(DIGEST)).state).toBe('sound');
  });

  it('lists what it holds, and nothing else that lies there', async () => {
    const dir = createTempDir();
    const store = createStore(ports, dir);
    expect(await store.list()).toEqual([]);
    await store.put(DATA);
    const folder = join(dir, DIGEST.slice(0, 2));
    writeFileSync(join(folder, `${DIGEST}.0123.tmp`), 'x');
    mkdirSync(join(folder, 'f'.repeat(64)));
    writeFileSync(join(dir, 'file'), 'x');
    expect(await store.list()).toMatchObject([{ sha256: DIGEST, sizeBytes: DATA.byteLength }]);
  });

  it('remembers when a file was last used', async () => {
    const store = createStore({ ...ports, nowMs: () => 1_700_000_000_000 }, createTempDir());
    await store.put(DATA);
    await store.touch(DIGEST);
    expect((await store.list())[0]?.usedAtMs).toBe(1_700_000_000_000);
  });

  it('many writers of one file leave one whole file', async () => {
    const dir = createTempDir();
    const stores = Array.from({ length: 8 }, () => createStore(ports, dir));
    await Promise.all(stores.map((store) => store.put(DATA)));
    expect(readdirSync(join(dir, DIGEST.slice(0, 2)))).toEqual([DIGEST]);
  });

  it('says what keeps it from writing', async () => {
    const file = join(createTempDir(), 'file');
    writeFileSync(file, '');
    expect(await codeOf(createStore(ports, file).put(DATA))).toBe('FILE_MISSING');
    expect(await codeOf(createStore(ports, file).adopt(file, parseSha256('0'.repeat(64))))).toBe(
      'FILE_MISSING',
    );
  });
});

/** A file system of 64 KiB, where this user may mount one. */
function mountSmall(): string | undefined {
  const dir = createTempDir();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
  if (status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', ['-l', dir]));
  return dir;
}

describe('a full disk', () => {
  it('is named, and the old content stays', async ({ skip }) => {
    const dir = mountSmall();
    if (dir === undefined) {
      console.log('skipped: only root can mount a small file system');
      return skip();
    }
    const path = join(dir, 'file');
    await writeFileAtomic(path, 'old');
    expect(await codeOf(writeFileAtomic(path, Buffer.alloc(100_000)))).toBe('DISK_FULL');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dir)).toEqual(['file']);
  });
});

describe.skipIf(lacksTools('flock'))('runUnlessLocked', () => {
  it('runs where nobody holds the lock, and does nothing where somebody does', async () => {
    const dir = createTempDir();
    const lock = join(dir, 'lock');
    const made = join(dir, 'made');
    writeFileSync(lock, '');
    await withFileLock(ports, lock, async () => {
      expect(await isLocked(ports, lock)).toBe(true);
      expect(await runUnlessLocked(ports, lock, ['touch', made])).toBe(false);
      expect(existsSync(made)).toBe(false);
    });
    expect(await isLocked(ports, lock)).toBe(false);
    expect(await runUnlessLocked(ports, lock, ['touch', made])).toBe(true);
    expect(existsSync(made)).toBe(true);
  });

  it('tells a program that fails from a lock that is held', async () => {
    const lock = join(createTempDir(), 'lock');
    writeFileSync(lock, '');
    expect(await codeOf(runUnlessLocked(ports, lock, ['false']))).toBe('TOOL_FAILED');
  });
});

describe('measureUsage', () => {
  it('adds up all files, follows no link, and is 0 for nothing', async () => {
    const dir = createTempDir();
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b/c'), 'x'.repeat(1000));
    writeFileSync(join(dir, 'd'), 'x'.repeat(10));
    spawnSync('ln', ['-s', '/usr', join(dir, 'link')]);
    expect((await measureUsage(ports, dir)).sizeBytes).toBe(1010 + '/usr'.length);
    expect((await measureUsage(ports, join(dir, 'none'))).sizeBytes).toBe(0);
  });
});
