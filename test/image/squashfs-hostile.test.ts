import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import type { SquashfsLimits } from '../../src/image/squashfs/limits.ts';
import { openSquashfs } from '../../src/image/squashfs/squashfs.ts';
import { fixturePath } from '../support/fixtures.ts';

const read = (name: string): Buffer => readFileSync(fixturePath(`image/squashfs/${name}.sqfs`));
/** Nothing in it is compressed, so that every field has its place in the file. */
const stored = read('tiny-stored');
const COMPRESSED = ['gzip', 'lzma', 'lzo', 'xz', 'lz4', 'zstd'];
const LIMITS = { maxContentBytes: 2 ** 24 };

async function codeOf(bytes: Uint8Array, limits: Partial<SquashfsLimits> = LIMITS): Promise<string> {
  try {
    const root = await openSquashfs(bytes, limits);
    await root.hashFiles();
    return 'none';
  } catch (error) {
    if (error instanceof MapeImageError) return error.code;
    throw error;
  }
}

function patched(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(stored);
  change(bytes);
  return bytes;
}

/** Where a name of the directory table begins; its item has 8 bytes before. */
const nameAt = (name: string): number => stored.indexOf(name, Number(stored.readBigUInt64LE(72)), 'latin1');
const inodeTable = Number(stored.readBigUInt64LE(64)) + 2;
const rootOffset = Number(stored.readBigUInt64LE(32) & 0xffffn);
/** Of the inode whose name this is. */
const inodeAt = (name: string): number => inodeTable + stored.readUInt16LE(nameAt(name) - 8);
const u16 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt16LE(value, at);
const u32 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt32LE(value, at);
const u64 = (at: number, value: bigint) => (bytes: Buffer) => void bytes.writeBigUInt64LE(value, at);
const text = (at: number, value: string) => (bytes: Buffer) => void bytes.write(value, at, 'latin1');

/** Make the only name in a directory stand for another inode. */
function redirect(name: string, inode: number, number: number): (bytes: Buffer) => void {
  return (bytes) => {
    const item = nameAt(name) - 8;
    bytes.writeUInt16LE(inode - inodeTable, item);
    bytes.writeUInt32LE(number, item - 4);
    bytes.writeInt16LE(0, item + 2);
  };
}

describe('openSquashfs', () => {
  it.each(COMPRESSED)('reads the sample of %s as the stored one', async (name) => {
    const root = await openSquashfs(read(`tiny-${name}`));
    const wanted = await openSquashfs(stored);
    expect(root.compression).toBe(name);
    expect(root.entries).toEqual(wanted.entries);
    expect(await root.hashFiles()).toEqual(await wanted.hashFiles());
  });

  it('lists what was put in', async () => {
    const root = await openSquashfs(stored);
    const common = { uid: 0, gid: 0, mtimeSec: 1_700_000_000, sizeBytes: 0 };
    expect(root.entries).toEqual([
      { ...common, path: '/', type: 'directory', mode: 0o755 },
      { ...common, path: '/q1', type: 'file', mode: 0o644, sizeBytes: 4 },
      { ...common, path: '/q2', type: 'directory', mode: 0o755 },
      { ...common, path: '/q2/q4', type: 'directory', mode: 0o755 },
      { ...common, path: '/q2/q4/q5', type: 'file', mode: 0o644, sizeBytes: 4 },
      { ...common, path: '/q2/q6', type: 'file', mode: 0o644, sizeBytes: 4 },
      { ...common, path: '/q3', type: 'symlink', mode: 0o777, target: 'q1' },
      { ...common, path: '/q7', type: 'file', mode: 0o644, sizeBytes: 10_010 },
      { ...common, path: '/q8', type: 'char-device', mode: 0o600, device: { major: 5, minor: 1 } },
    ]);
    expect(Buffer.from(await root.readFile('/q2/q6')).toString()).toBe('one\n');
    expect(root).toMatchObject({ usedBytes: stored.length, blockSizeBytes: 4096, madeAtSec: 1_700_000_000 });
  });

  it('passes over extended attributes', async () => {
    const { entries } = await openSquashfs(read('xattr'));
    expect(entries.map(({ path, type }) => [path, type])).toEqual([
      ['/', 'directory'],
      ['/f', 'file'],
      ['/l', 'symlink'],
    ]);
  });

  it('lists without a look at the blocks of data', async () => {
    // Everything between superblock and inode table is data.
    const damaged = patched((bytes) => bytes.fill(0xff, 96, inodeTable - 2));
    expect((await openSquashfs(damaged)).entries).toEqual((await openSquashfs(stored)).entries);
  });

  it.each<[string, (bytes: Buffer) => void, string]>([
    ['no magic', text(0, 'xxxx'), 'SQUASHFS_NO_MAGIC'],
    ['the big-endian magic', text(0, 'sqsh'), 'SQUASHFS_OLD_FORMAT'],
    ['the magic of the old lzma', text(0, 'shsq'), 'SQUASHFS_OLD_FORMAT'],
    ['version 3.1', (bytes) => bytes.set([3, 0, 1, 0], 28), 'SQUASHFS_OLD_FORMAT'],
    ['a compression of the future', u16(20, 7), 'SQUASHFS_UNKNOWN_COMPRESSION'],
    ['compression 0', u16(20, 0), 'SQUASHFS_UNKNOWN_COMPRESSION'],
    ['a block size that is no power of two', u32(12, 5000), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['a huge block size', (bytes) => bytes.set([0, 0, 0, 0x80], 12), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['another logarithm', u16(22, 13), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['no owners', u16(26, 0), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['more bytes than there are', u64(40, 20_000n), 'IMAGE_TRUNCATED'],
    ['2^64 - 1 bytes', u64(40, 2n ** 64n - 1n), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['fewer bytes than the superblock has', u64(40, 95n), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['a table behind the end', u64(64, 2n ** 40n), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['directories before inodes', u64(72, 100n), 'SQUASHFS_BAD_SUPERBLOCK'],
    ['a root that is no directory', u64(32, BigInt(inodeAt('q7') - inodeTable)), 'SQUASHFS_BAD_INODE'],
    ['a root behind its block', u64(32, 0xffffn), 'SQUASHFS_BAD_TABLE'],
    ['a root behind the table', u64(32, 2n ** 47n), 'SQUASHFS_BAD_TABLE'],
    ['four billion fragments', u32(16, 0xffffffff), 'IMAGE_TRUNCATED'],
    ['a name of two dots', text(nameAt('q1'), '..'), 'SQUASHFS_BAD_NAME'],
    ['a name with a slash', text(nameAt('q1'), 'a/'), 'SQUASHFS_BAD_NAME'],
    ['a name with a zero byte', text(nameAt('q1'), 'a\0'), 'SQUASHFS_BAD_NAME'],
    [
      'a name of one dot',
      (bytes) => {
        bytes.write('.', nameAt('q5'), 'latin1');
        bytes.writeUInt16LE(0, nameAt('q5') - 2);
        bytes.writeUInt16LE(12 + 8 + 1 + 3, inodeAt('q4') + 24);
      },
      'SQUASHFS_BAD_NAME',
    ],
    ['one name twice', text(nameAt('q3'), 'q1'), 'SQUASHFS_BAD_DIRECTORY'],
    ['a header of 2^32 names', u32(nameAt('q5') - 20, 0xffffffff), 'SQUASHFS_BAD_DIRECTORY'],
    ['a name longer than its directory', u16(nameAt('q5') - 2, 200), 'SQUASHFS_BAD_DIRECTORY'],
    ['a directory larger than its table', u16(inodeTable + rootOffset + 24, 0xffff), 'IMAGE_TRUNCATED'],
    ['a directory that is its own parent', redirect('q5', inodeAt('q4'), numberOf('q4')), 'SQUASHFS_LOOP'],
    [
      'a directory that holds the root',
      redirect('q5', inodeTable + rootOffset, rootNumber()),
      'SQUASHFS_LOOP',
    ],
    ['the number of another inode', u32(inodeAt('q7') + 12, 77), 'SQUASHFS_BAD_INODE'],
    ['a type of inode that does not exist', u16(inodeAt('q7'), 15), 'SQUASHFS_BAD_INODE'],
    ['an owner that does not exist', u16(inodeAt('q7') + 4, 9), 'SQUASHFS_BAD_INODE'],
    ['a symlink of 4 GB', u32(inodeAt('q3') + 20, 0xffffffff), 'SQUASHFS_BAD_INODE'],
    ['a symlink with a zero byte', text(inodeAt('q3') + 24, '\0'), 'SQUASHFS_BAD_INODE'],
    ['a file of 4 GB', u32(inodeAt('q7') + 28, 0xffffffff), 'SQUASHFS_TOO_LARGE'],
    ['a file with more blocks than its list', u32(inodeAt('q7') + 28, 2 ** 24 - 100), 'any'],
    ['a fragment that does not exist', u32(inodeAt('q7') + 20, 1000), 'SQUASHFS_BAD_INODE'],
    ['a place behind its fragment', u32(inodeAt('q1') + 24, 4090), 'SQUASHFS_BAD_INODE'],
    ['a block larger than blocks are', u32(inodeAt('q7') + 32, 0x1001001), 'SQUASHFS_BAD_BLOCK'],
    ['a block shorter than its file', u32(inodeAt('q7') + 32, 0x1000fff), 'SQUASHFS_BAD_BLOCK'],
    ['a size of a block with unknown bits', u32(inodeAt('q7') + 32, 0x81001000), 'SQUASHFS_BAD_BLOCK'],
    ['a block behind the end', u32(inodeAt('q7') + 16, 0xfffffff0), 'IMAGE_TRUNCATED'],
    ['a metadata block of no bytes', u16(inodeTable - 2, 0x8000), 'SQUASHFS_BAD_BLOCK'],
    ['a metadata block of 32 kB', u16(inodeTable - 2, 0xffff), 'SQUASHFS_BAD_BLOCK'],
  ])('refuses %s', async (_, change, code) => {
    const found = await codeOf(patched(change));
    if (code === 'any') expect(found).not.toBe('none');
    else expect(found).toBe(code);
  });

  it.each<[string, Partial<SquashfsLimits>]>([
    ['entries', { maxEntries: 8 }],
    ['levels of directories', { maxDepth: 1 }],
    ['bytes in files', { maxContentBytes: 10_017 }],
    ['bytes in tables', { maxTableBytes: 20_000 }],
  ])('refuses more %s than it may have', async (_, limits) => {
    expect(await codeOf(stored, limits)).toBe('SQUASHFS_TOO_LARGE');
  });

  it('counts a file of two names once', async () => {
    expect(await codeOf(stored, { maxContentBytes: 10_018, maxEntries: 9, maxDepth: 2 })).toBe('none');
  });

  it('refuses a block that unpacks to more than blocks have', async () => {
    const bomb = read('zeros-1m');
    expect(await codeOf(bomb)).toBe('none');
    bomb.writeUInt32LE(4096, 12);
    bomb.writeUInt16LE(12, 22);
    bomb.writeUInt32LE(4096, bomb.lastIndexOf(Buffer.from([0x40, 0x42, 0x0f, 0])));
    expect(await codeOf(bomb)).toBe('CODEC_TOO_LARGE');
  });
});

describe('hostile bytes', () => {
  it.each(['stored', ...COMPRESSED])('%s: cut anywhere, it is refused', async (name) => {
    const whole = read(`tiny-${name}`);
    const step = name === 'stored' ? 7 : 1;
    for (let length = 0; length < whole.length; length += step)
      expect(await codeOf(whole.subarray(0, length)), `${length} bytes`).not.toBe('none');
  });

  it.each(['stored', ...COMPRESSED])('%s: changed anywhere, it gives only coded errors', async (name) => {
    const whole = read(`tiny-${name}`);
    // Of the stored one, what is no data.
    const positions = Array.from(whole.keys()).filter(
      (at) => name !== 'stored' || at < 96 || at >= inodeTable - 2,
    );
    for (const at of positions) {
      for (const mask of [1, 0x80, 0xff]) {
        const copy = Buffer.from(whole);
        copy[at] = (copy[at] ?? 0) ^ mask;
        await codeOf(copy);
      }
    }
  });

  it('random bytes behind a good superblock give only coded errors', async () => {
    const bytes = fc.tuple(
      fc.uint8Array({ maxLength: 2000 }),
      fc.array(fc.tuple(fc.nat(95), fc.nat(255)), { maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async ([tail, changes]) => {
        const image = Buffer.concat([stored.subarray(0, 96), tail]);
        image.writeBigUInt64LE(BigInt(image.length), 40);
        for (const at of [48, 64, 72, 80]) image.writeBigUInt64LE(BigInt(96 + (at % (tail.length + 1))), at);
        for (const [at, value] of changes) if (at >= 30) image[at] = value;
        await codeOf(image);
      }),
      { numRuns: 3000, seed: 3 },
    );
  });
});

function numberOf(name: string): number {
  return stored.readUInt32LE(inodeAt(name) + 12);
}

function rootNumber(): number {
  return stored.readUInt32LE(inodeTable + rootOffset + 12);
}
