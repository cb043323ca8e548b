import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import type { RootEntry } from '../../src/image/root-filesystem.ts';
import { openSquashfs } from '../../src/image/squashfs/squashfs.ts';

const KIND: Readonly<Record<string, RootEntry['type']>> = {
  '-': 'file',
  d: 'directory',
  l: 'symlink',
  b: 'block-device',
  c: 'char-device',
  p: 'fifo',
  s: 'socket',
};

function run(program: string, args: readonly string[]): Buffer {
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C' };
  return execFileSync(program, args, { env, maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What `unsquashfs -lln` says, which has no seconds. */
function listWithOracle(image: string): unknown[] {
  return run('unsquashfs', ['-lln', image])
    .toString()
    .split('\n')
    .flatMap((line) => {
      const match =
        /^(.)(\S{9}) (\d+)\/(\d+) +(?:(\d+), *)?(\d+) (\d{4}-\d\d-\d\d \d\d:\d\d) squashfs-root(.*)$/.exec(
          line,
        );
      if (match === null) return [];
      const [, kind = '', rights = '', uid, gid, major, number, minute, rest = ''] = match;
      const type = KIND[kind];
      const [path = '', target] = type === 'symlink' ? rest.split(' -> ') : [rest];
      return [
        {
          path: path === '' ? '/' : path,
          type,
          mode: modeOf(rights),
          uid: Number(uid),
          gid: Number(gid),
          minute,
          sizeBytes: type === 'file' ? Number(number) : 0,
          target,
          device: major === undefined ? undefined : { major: Number(major), minor: Number(number) },
        },
      ];
    });
}

function modeOf(rights: string): number {
  const bit = (at: number): number => {
    const letter = rights[at] ?? '';
    if (letter === '-') return 0;
    const plain = /[STst]/.test(letter) ? (/[st]/.test(letter) ? 1 : 0) << (8 - at) : 1 << (8 - at);
    return plain | (/[STst]/.test(letter) ? 0o1000 << ((8 - at) / 3) : 0);
  };
  return Array.from({ length: 9 }, (_, at) => bit(at)).reduce((sum, value) => sum | value, 0);
}

function comparable({ mtimeSec, target, device, ...entry }: RootEntry): unknown {
  const minute = new Date(mtimeSec * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return { ...entry, minute, target, device };
}

/** Listing, contents and hashes, all against unsquashfs. */
export async function expectAgreement(image: string): Promise<void> {
  const root = await openSquashfs(readFileSync(image));
  const wanted = listWithOracle(image);
  expect(wanted.length).toBeGreaterThan(2);
  const byPath = (a: { path?: string }, b: { path?: string }): number =>
    (a.path ?? '') < (b.path ?? '') ? -1 : 1;
  expect(root.entries.map(comparable)).toEqual(
    wanted.map((entry) => (typeof entry === 'object' && entry !== null ? entry : {})).sort(byPath),
  );
  const scratch = mkdtempSync(join(dirname(image), 'extracted-'));
  const extracted = join(scratch, 'root');
  run('unsquashfs', ['-n', '-q', '-no-xattrs', '-excludes', '-d', extracted, image, 'dev']);
  const digests = await root.hashFiles();
  const files = root.entries.filter(({ type }) => type === 'file');
  expect([...digests.keys()]).toEqual(files.map(({ path }) => path));
  for (const { path, mtimeSec } of files) {
    const content = readFileSync(join(extracted, path));
    expect(statSync(join(extracted, path)).mtimeMs, path).toBe(mtimeSec * 1000);
    expect(digests.get(path), path).toBe(computeSha256(content));
    expect(content.equals(await root.readFile(path)), path).toBe(true);
  }
  rmSync(scratch, { recursive: true });
}
