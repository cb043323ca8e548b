import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that repeat enough to be packed, the same in every run. */
export function makeText(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed + 1;
  for (let at = 0; at < size; at++) {
    state = (state * 48271) % 2147483647;
    bytes[at] = at % 7 === 0 ? state & 0x3f : 0x20 + (((at >> 4) * seed) & 0x1f);
  }
  return bytes;
}

/** Bytes that nothing packs. */
export function makeNoise(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed + 1;
  for (let at = 0; at < size; at++) {
    state = (state * 48271) % 2147483647;
    bytes[at] = state >> 11;
  }
  return bytes;
}

/** Devices and what else a test cannot make in a folder; names are of mksquashfs. */
export const PSEUDO: readonly string[] = [
  'dev d 755 0 0',
  'dev/console c 600 0 0 5 1',
  'dev/tty c 666 0 5 5 0',
  'dev/mtdblock0 b 640 0 6 31 255',
  'dev/log i 666 0 0 s',
  'dev/initctl i 600 1000 1001 f',
];

const MTIME_SEC = 1_700_000_000;

/** A tree with something of everything, and files whose sizes are at the borders of blocks of this size. */
export function makeTree(dir: string, blockSize: number): void {
  const file = (name: string, content: Uint8Array | string, mode = 0o644): void =>
    writeFileSync(join(dir, name), content, { mode });
  mkdirSync(join(dir, 'etc/config'), { recursive: true });
  mkdirSync(join(dir, 'empty'));
  mkdirSync(join(dir, 'sizes'));
  mkdirSync(join(dir, 'a/b/c/d/e/f/g'), { recursive: true });
  for (const blocks of [0, 1, 2]) {
    for (const more of [-1, 0, 1, 17]) {
      const size = blocks * blockSize + more;
      if (size >= 0) file(`sizes/${blocks}${more < 0 ? more : `+${more}`}`, makeText(size, size));
    }
  }
  file('noise', makeNoise(blockSize + 100, 3));
  const sparse = Buffer.alloc(3 * blockSize + 50);
  sparse.write('data', 2 * blockSize);
  file('sparse', sparse);
  file('hole', Buffer.alloc(2 * blockSize));
  file('hole-and-tail', Buffer.concat([Buffer.alloc(blockSize), Buffer.from('tail')]));
  file('etc/config/network', "config interface 'wan6'\n");
  file('etc/shadow', 'root:*:0:0\n', 0o600);
  file('n'.repeat(255), 'a long name');
  file('日本語', 'a name in UTF-8');
  file('bell\u0007', 'a control character');
  execFileSync('chmod', ['4755', join(dir, 'noise')]);
  execFileSync('chmod', ['1777', join(dir, 'empty')]);
  linkSync(join(dir, 'etc/shadow'), join(dir, 'etc/shadow-'));
  linkSync(join(dir, 'sparse'), join(dir, 'a/b/sparse'));
  symlinkSync('config/network', join(dir, 'etc/link'));
  symlinkSync('x'.repeat(300), join(dir, 'a/long-link'));
  utimesSync(join(dir, 'etc/shadow'), MTIME_SEC, MTIME_SEC + 1);
  utimesSync(join(dir, 'empty'), 1, 1);
}

/** An image of a tree. */
export function makeImage(source: string, image: string, args: readonly string[] = []): string {
  const pseudo = PSEUDO.flatMap((line) => ['-p', line]);
  const fixed = ['-noappend', '-no-progress', '-quiet', '-processors', '2'];
  execFileSync('mksquashfs', [source, image, ...fixed, ...pseudo, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C' },
  });
  return image;
}
