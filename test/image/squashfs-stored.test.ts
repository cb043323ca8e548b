import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSquashfs } from '../../src/image/squashfs/squashfs.ts';
import { lacksTools } from '../io/tools.ts';
import { makeTempDir } from '../support/cli.ts';
import { fixturePath } from '../support/fixtures.ts';
import { makeImage, makeTree } from './squashfs-tree.ts';

const SUPERBLOCK_BYTES = 96;
const HAS_OPTIONS = 0x400;

/** Bytes of all data blocks: what stands between the superblock, with the options of its compression, and the inodes. */
function dataBytes(image: Buffer): number {
  const hasOptions = (image.readUInt16LE(24) & HAS_OPTIONS) !== 0;
  const optionBytes = hasOptions ? 2 + (image.readUInt16LE(SUPERBLOCK_BYTES) & 0x7fff) : 0;
  return Number(image.readBigUInt64LE(64)) - SUPERBLOCK_BYTES - optionBytes;
}

async function measure(image: Buffer): Promise<ReadonlyMap<string, number>> {
  return (await openSquashfs(image)).measureStored();
}

describe('measureStored', () => {
  it('shares a file out among its names', async () => {
    // Nothing in it is compressed. One of the files of four bytes has two names.
    const sizes = await measure(readFileSync(fixturePath('image/squashfs/tiny-stored.sqfs')));
    expect(Object.fromEntries(sizes)).toEqual({ '/q1': 2, '/q2/q4/q5': 4, '/q2/q6': 2, '/q7': 10_010 });
  });

  describe.skipIf(lacksTools('mksquashfs'))('adds up to all that the image has of data', () => {
    const dir = makeTempDir();
    const tree = join(dir, 'tree');
    beforeAll(() => {
      makeTree(tree, 4096);
    });

    it.each([
      ['as OpenWrt packs', ['-comp', 'xz', '-Xbcj', 'x86']],
      ['gzip', ['-comp', 'gzip']],
      ['without tails that share a block', ['-comp', 'xz', '-no-fragments']],
      ['with a tail of every file in one', ['-comp', 'xz', '-always-use-fragments']],
      ['with files of equal content stored twice', ['-comp', 'xz', '-no-duplicates']],
      ['not compressed', ['-noD', '-noF']],
    ])('%s', async (_, options) => {
      const image = readFileSync(makeImage(tree, join(dir, 'image'), ['-b', '4K', ...options]));
      const sizes = [...(await measure(image)).values()];
      const sum = sizes.reduce((total, size) => total + size, 0);
      // Each is rounded to a whole byte.
      expect(Math.abs(sum - dataBytes(image))).toBeLessThanOrEqual(sizes.length / 2);
    });

    it('with files of equal blocks stored once', async () => {
      const twins = join(dir, 'twins');
      makeTree(join(twins, 'a'), 4096);
      makeTree(join(twins, 'b'), 4096);
      const image = readFileSync(makeImage(twins, join(dir, 'image'), ['-comp', 'xz', '-b', '4K']));
      const sizes = await measure(image);
      const sum = [...sizes.values()].reduce((total, size) => total + size, 0);
      expect(Math.abs(sum - dataBytes(image))).toBeLessThanOrEqual(sizes.size / 2);
      expect(sizes.get('/a/noise')).toBe(sizes.get('/b/noise'));
    });
  });
});
