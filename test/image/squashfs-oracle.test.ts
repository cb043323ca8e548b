import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSquashfs } from '../../src/image/squashfs/squashfs.ts';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir } from '../support/cli.ts';
import { expectAgreement } from './squashfs-agreement.ts';
import { makeCode } from './squashfs-code.ts';
import { makeImage, makeText, makeTree, PSEUDO } from './squashfs-tree.ts';

const tools = !lacksTools('mksquashfs', 'unsquashfs');
const dir = makeTempDir();

describe.runIf(tools)('agrees with unsquashfs', () => {
  const tree4k = join(dir, 'tree4k');
  const tree64k = join(dir, 'tree64k');
  beforeAll(() => {
    makeTree(tree4k, 4096);
    makeTree(tree64k, 65536);
  });

  it.each([
    ['gzip', []],
    ['gzip at level 1', ['-Xcompression-level', '1']],
    ['lzma', []],
    ['lzo', []],
    ['lzo of the fastest kind', ['-Xalgorithm', 'lzo1x_1']],
    ['lz4', []],
    ['lz4 at its best', ['-Xhc']],
    ['xz', []],
    ['zstd', []],
  ])('%s', async (name, options) => {
    const [compression = ''] = name.split(' ');
    const image = makeImage(tree64k, join(dir, 'image'), ['-comp', compression, '-b', '64K', ...options]);
    await expectAgreement(image);
    expect((await openSquashfs(readFileSync(image))).compression).toBe(compression);
  });

  it.each(['4K', '8K', '16K', '32K', '128K', '256K', '512K', '1M'])('blocks of %s', async (size) => {
    await expectAgreement(makeImage(tree64k, join(dir, 'image'), ['-comp', 'xz', '-b', size]));
  });

  it('files at the borders of blocks of 1M', async () => {
    const tree = join(dir, 'tree1m');
    makeTree(tree, 2 ** 20);
    await expectAgreement(makeImage(tree, join(dir, 'image'), ['-b', '1M']));
    rmSync(tree, { recursive: true });
  });

  it.each([
    [['-no-fragments']],
    [['-always-use-fragments']],
    [['-noI']],
    [['-noId']],
    [['-noD']],
    [['-noF']],
    [['-noX']],
    [['-noI', '-noD', '-noF', '-noX']],
    [['-nopad']],
    [['-no-sparse']],
    [['-no-exports']],
    [['-no-duplicates']],
    [['-no-hardlinks']],
    [['-no-xattrs']],
    [['-all-root']],
    [['-all-time', '1700000001']],
    [['-force-uid', '65534', '-force-gid', '70000']],
    [['-tailends']],
  ])('%s', async (options) => {
    await expectAgreement(makeImage(tree4k, join(dir, 'image'), ['-comp', 'xz', '-b', '4K', ...options]));
  });

  it('zstd at every level', async () => {
    const tree = join(dir, 'zstd');
    mkdirSync(tree);
    writeFileSync(join(tree, 'program'), readFileSync(process.execPath).subarray(0, 600_000));
    writeFileSync(join(tree, 'text'), makeText(300_000, 5));
    for (let level = 1; level <= 22; level++) {
      const options = ['-comp', 'zstd', '-b', '256K', '-Xcompression-level', String(level)];
      await expectAgreement(makeImage(tree, join(dir, 'image'), options));
    }
  });

  it.each([
    ['x86', 4],
    ['powerpc', 5],
    ['ia64', 6],
    ['arm', 7],
    ['armthumb', 8],
    ['sparc', 9],
  ])('the branch filter of %s', async (filter, id) => {
    const tree = join(dir, `code-${filter}`);
    mkdirSync(tree);
    writeFileSync(join(tree, 'code'), makeCode(filter, 200_000));
    const options = ['-comp', 'xz', '-b', '64K', '-Xbcj', filter];
    const image = makeImage(tree, join(dir, 'image'), options);
    // Two filters: this one without properties, and LZMA2.
    expect(readFileSync(image).includes(Buffer.from([id, 0, 0x21, 1]))).toBe(true);
    await expectAgreement(image);
  });

  it('a program with the branch filter of its machine', async () => {
    const tree = join(dir, 'program');
    mkdirSync(tree);
    writeFileSync(join(tree, 'node'), readFileSync(process.execPath).subarray(0x1000000, 0x1200000));
    const options = ['-comp', 'xz', '-b', '256K', '-Xbcj', 'x86,arm,armthumb,powerpc'];
    await expectAgreement(makeImage(tree, join(dir, 'image'), options));
  });

  it('a directory of more names than a basic inode has room for', async () => {
    const tree = join(dir, 'many');
    mkdirSync(tree);
    for (let index = 0; index < 3500; index++)
      writeFileSync(join(tree, `a-rather-long-name-of-a-file-${index}`), String(index % 50));
    await expectAgreement(makeImage(tree, join(dir, 'image'), ['-comp', 'gzip']));
  });

  it('an image with bytes behind it', async () => {
    const image = makeImage(tree4k, join(dir, 'image'), ['-comp', 'xz', '-b', '4K', '-nopad']);
    const bytes = readFileSync(image);
    const padded = await openSquashfs(Buffer.concat([bytes, Buffer.alloc(70_000, 0xff)]));
    const plain = await openSquashfs(bytes);
    expect(padded.usedBytes).toBe(bytes.length);
    expect(padded.entries).toEqual(plain.entries);
  });
});

describe.runIf(tools)('what unsquashfs does not show', () => {
  it('a name that is no UTF-8 is kept apart from all others', async () => {
    const tree = join(dir, 'bytes');
    mkdirSync(tree);
    for (const byte of [0xe9, 0xe8])
      writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([byte])]), 'x');
    const { entries } = await openSquashfs(readFileSync(makeImage(tree, join(dir, 'image'))));
    expect(entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/\udce8', '/\udce9', ...PSEUDO.map((line) => `/${line.split(' ')[0]}`)]),
    );
  });

  it('device numbers of more than 8 bits, of which it prints other ones', async () => {
    const tree = join(dir, 'devices');
    mkdirSync(tree);
    const pseudo = ['-p', 'a b 600 0 0 31 300', '-p', 'z c 600 0 0 4095 1048575'];
    const { entries } = await openSquashfs(readFileSync(makeImage(tree, join(dir, 'image'), pseudo)));
    expect(entries.flatMap(({ path, device }) => (path.length === 2 ? [[path, device]] : []))).toEqual([
      ['/a', { major: 31, minor: 300 }],
      ['/z', { major: 4095, minor: 1048575 }],
    ]);
  });

  it('only files have content', async () => {
    const tree = join(dir, 'few');
    mkdirSync(tree);
    writeFileSync(join(tree, 'f'), 'x');
    const root = await openSquashfs(readFileSync(makeImage(tree, join(dir, 'image'))));
    for (const path of ['/', '/dev', '/dev/console', '/f/', 'f', '/nothing', '__proto__'])
      await expect(root.readFile(path), path).rejects.toMatchObject({ code: 'ROOTFS_NO_SUCH_FILE' });
    await expect(root.hashFiles(['/f', '/nothing'])).rejects.toMatchObject({ code: 'ROOTFS_NO_SUCH_FILE' });
    expect([...(await root.hashFiles(['/f'])).keys()]).toEqual(['/f']);
  });
});
