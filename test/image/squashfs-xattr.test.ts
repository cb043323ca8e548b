import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir } from '../support/cli.ts';
import { expectAgreement } from './squashfs-agreement.ts';

const XATTR_IDS = /Number of xattr ids (\d+)/;
/** Capabilities of a program: revision 2, CAP_NET_BIND_SERVICE, in effect. */
const CAPABILITY = '\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0';

interface Item {
  readonly name: string;
  readonly type: NonNullable<Header['type']>;
  readonly content?: string;
  readonly linkname?: string;
  readonly xattrs?: Readonly<Record<string, string>>;
}

const ITEMS: readonly Item[] = [
  { name: 'bin', type: 'directory', xattrs: { 'user.of': 'a directory' } },
  { name: 'bin/ping', type: 'file', content: 'program', xattrs: { 'security.capability': CAPABILITY } },
  { name: 'bin/twin', type: 'file', content: 'another', xattrs: { 'security.capability': CAPABILITY } },
  { name: 'bin/plain', type: 'file', content: 'without any' },
  { name: 'big', type: 'file', content: 'x'.repeat(300_000), xattrs: { 'user.long': 'v'.repeat(30_000) } },
  {
    name: 'many',
    type: 'file',
    content: '',
    xattrs: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`user.n${index}`, `${index}`])),
  },
  { name: 'link', type: 'symlink', linkname: 'bin/ping', xattrs: { 'trusted.of': 'a symlink' } },
  { name: 'null', type: 'character-device', xattrs: { 'trusted.of': 'a device' } },
  { name: 'pipe', type: 'fifo', xattrs: { 'trusted.of': 'a fifo' } },
];

/** A tar from which sqfstar takes extended attributes, whatever the file system of the test can keep. */
async function makeTar(): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', xattrs = {}, ...item } of ITEMS) {
    const pax = Object.fromEntries(
      Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value]),
    );
    const mtime = new Date(1_700_000_000_000);
    tar.entry({ ...item, mode: 0o755, uid: 0, gid: 0, mtime, devmajor: 1, devminor: 3, pax }, content);
  }
  tar.finalize();
  return buffer(tar);
}

describe.skipIf(lacksTools('sqfstar', 'unsquashfs'))('an image with extended attributes', () => {
  const dir = makeTempDir();

  it.each([
    [['-comp', 'gzip']],
    [['-comp', 'xz', '-b', '256K']],
    [['-comp', 'zstd', '-noX']],
    [['-noI', '-noD', '-noF', '-noX']],
    [['-no-fragments']],
  ])('%s', async (options) => {
    const image = join(dir, `image${options.join('')}`);
    execFileSync('sqfstar', [...options, '-quiet', '-no-progress', image], {
      input: await makeTar(),
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C' },
    });
    const superblock = execFileSync('unsquashfs', ['-s', image], { encoding: 'utf8' });
    // One for each different set of attributes: the two programs have the same.
    expect(Number(XATTR_IDS.exec(superblock)?.[1])).toBe(7);
    await expectAgreement(image);
  });
});
