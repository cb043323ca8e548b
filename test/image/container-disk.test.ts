import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImage } from '../../src/image/open-image.ts';
import { codeOf, codesOf, open } from './container-expect.ts';
import {
  ext4,
  fat,
  filler,
  fwtool,
  gptDisk,
  MARK,
  mbrDisk,
  metadata,
  squashfs,
  type TestGptPartition,
  type TestPartition,
  withArcher,
} from './container-writers.ts';

const X86 = {
  supported_devices: ['generic'],
  version: { dist: 'OpenWrt', version: '24.10.4', target: 'x86/64', board: 'generic' },
} as const;
const rootfs = squashfs(7000);
const boot: TestPartition = { startSector: 8, sectors: 16, content: ext4(8192) };
const root: TestPartition = { startSector: 24, sectors: 32, content: rootfs };
const LINUX = '0fc63daf-8483-4772-8e79-3d69d8477de4';
const EFI = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const efi: TestGptPartition = {
  typeGuid: EFI,
  name: 'boot',
  startSector: 40,
  sectors: 16,
  content: fat(8192),
};
const linux: TestGptPartition = {
  typeGuid: LINUX,
  name: 'rootfs',
  startSector: 56,
  sectors: 32,
  content: rootfs,
};

describe('a disk with a master boot record', () => {
  it('has a boot partition and a root', async () => {
    const disk = mbrDisk([boot, root]);
    disk.set(filler(1500, 9), 512);
    const opened = await open(disk);
    expect(opened).toMatchObject({
      kind: 'disk-mbr',
      kernel: undefined,
      contentBytes: undefined,
      findings: [],
    });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: 24 * 512, sizeBytes: 7000 });
    expect(Buffer.from(opened.rootfs?.bytes ?? []).equals(rootfs)).toBe(true);
    expect(opened.parts.map(({ name, kind }) => [name, kind])).toEqual([
      ['master boot record', 'partition-table'],
      ['boot', 'boot'],
      ['padding', 'padding'],
      ['partition 1', 'boot'],
      ['partition 2', 'rootfs'],
      ['padding', 'padding'],
    ]);
    expect(opened.parts[0]?.detail).toEqual({ signature: '12345678' });
    expect(opened.parts[3]?.detail).toEqual({ type: 'Linux', filesystem: 'ext4', bootable: true });
  });

  it.each([
    ['ext4', ext4(9000), 'ext4'],
    ['nothing that is known', filler(9000), undefined],
  ])('may have %s as its root', async (_, content, type) => {
    const opened = await open(mbrDisk([boot, { ...root, content }]));
    expect(opened.rootfs?.type).toBe(type);
    if (type !== undefined) expect(opened.rootfs).toMatchObject({ offset: 24 * 512, sizeBytes: 32 * 512 });
  });

  it('may have a mark behind its squashfs, and names what else lies there', async () => {
    expect(codesOf(await open(mbrDisk([boot, { ...root, content: Buffer.concat([rootfs, MARK]) }])))).toEqual(
      [],
    );
    const used = mbrDisk([boot, { ...root, content: Buffer.concat([rootfs, filler(50)]) }]);
    expect(codesOf(await open(used))).toEqual(['IMAGE_UNKNOWN_BYTES']);
  });

  it('with partitions over each other is refused', async () => {
    expect(await codeOf(mbrDisk([boot, { ...root, startSector: 23 }]))).toBe('IMAGE_OVERLAP');
  });

  it('with a partition behind its end is refused', async () => {
    const disk = mbrDisk([boot, root]);
    disk.writeUInt32LE(0xffffffff, 446 + 16 + 12);
    expect(await codeOf(disk)).toBe('IMAGE_TRUNCATED');
  });
});

describe('a disk with a GUID partition table', () => {
  it('has its table at both ends', async () => {
    const opened = await open(gptDisk([efi, linux]));
    expect(opened).toMatchObject({ kind: 'disk-gpt', findings: [] });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: 56 * 512, sizeBytes: 7000 });
    expect(opened.parts.map(({ name }) => name)).toEqual([
      'master boot record',
      'GPT header',
      'GPT entries',
      'padding',
      'partition 1',
      'partition 2',
      'padding',
      'GPT entries',
      'GPT header',
    ]);
    expect(opened.parts[4]).toMatchObject({
      kind: 'boot',
      detail: { type: 'EFI system', filesystem: 'fat', name: 'boot' },
    });
  });

  it.each([
    ['its header', 512 + 60, ['IMAGE_CHECKSUM_WRONG']],
    ['its entries', 1024 + 60, ['IMAGE_CHECKSUM_WRONG']],
  ])('shows a bit flipped in %s', async (_, at, codes) => {
    const disk = gptDisk([efi, linux]);
    disk[at] = (disk[at] ?? 0) ^ 1;
    expect(codesOf(await open(disk))).toEqual(codes);
  });

  it.each([
    ['more entries than any has', 80, 1025, 'IMAGE_TOO_MUCH'],
    ['entries that are too small', 84, 64, 'IMAGE_MALFORMED'],
    ['entries of gigabytes', 84, 0x7fffffff, 'IMAGE_MALFORMED'],
    ['a header that is too small', 12, 91, 'IMAGE_MALFORMED'],
    ['entries behind its end', 76, 1, 'IMAGE_TRUNCATED'],
    ['entries over its header', 72, 1, 'IMAGE_MALFORMED'],
    ['itself as its copy', 32, 1, 'IMAGE_OVERLAP'],
  ])('with %s is refused', async (_, at, value, code) => {
    const disk = gptDisk([efi, linux]);
    disk.writeUInt32LE(value, 512 + at);
    expect(await codeOf(disk)).toBe(code);
  });

  it('with a partition of negative length is refused', async () => {
    const disk = gptDisk([efi, linux]);
    disk.writeBigUInt64LE(1n, 1024 + 40);
    expect(await codeOf(disk)).toBe('IMAGE_MALFORMED');
  });

  it('that is cut before its copy is still whole enough', async () => {
    const disk = gptDisk([efi, linux]);
    expect(codesOf(await open(disk.subarray(0, disk.length - 512)))).toEqual([]);
  });
});

describe('a compressed disk', () => {
  const disk = mbrDisk([boot, root]);
  const packed = gzipSync(disk);

  it('is unpacked; its metadata stand behind the gzip file', async () => {
    const image = fwtool(packed, 1, metadata(X86));
    const opened = await open(image);
    expect(opened).toMatchObject({
      kind: 'disk-mbr',
      unpacked: { format: 'gzip', sizeBytes: disk.length },
      metadata: { target: 'x86/64', board: 'generic' },
      findings: [],
    });
    expect(opened.parts.map(({ kind }) => kind)).toEqual(['header', 'compressed', 'metadata']);
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: 24 * 512, sizeBytes: 7000 });
    expect(Buffer.from(opened.rootfs?.bytes ?? []).equals(rootfs)).toBe(true);
  });

  it('may say its name, a comment, and more', async () => {
    const header = Buffer.from('1f8b081e000000000203', 'hex');
    const more = Buffer.concat([
      Buffer.from([3, 0, 1, 2, 3]),
      Buffer.from('disk.img\0a comment\0'),
      Buffer.from([0, 0]),
    ]);
    const opened = await open(Buffer.concat([header, more, packed.subarray(10)]));
    expect(opened.parts[0]).toMatchObject({ sizeBytes: 10 + more.length, detail: { name: 'disk.img' } });
  });

  it.each([
    ['its crc32', -8, ['IMAGE_CHECKSUM_WRONG']],
    ['its length', -4, ['IMAGE_SIZE_DIFFERS']],
  ])('shows a bit flipped in %s', async (_, at, codes) => {
    const image = Buffer.from(packed);
    image[image.length + at] = (image.at(at) ?? 0) ^ 1;
    expect(codesOf(await open(image))).toEqual(codes);
  });

  it.each([
    ['zeros', Buffer.alloc(700), []],
    ['something', filler(700), ['IMAGE_UNKNOWN_BYTES']],
    ['another gzip file', packed, ['IMAGE_UNKNOWN_BYTES']],
  ])('with %s behind it is opened', async (_, tail, codes) => {
    const opened = await open(Buffer.concat([packed, tail]));
    expect(codesOf(opened)).toEqual(codes);
    expect(opened.parts[1]).toMatchObject({ offset: 10, sizeBytes: packed.length - 10 });
  });

  it.each([
    ['cut off', packed.subarray(0, packed.length - 20), 'IMAGE_GZIP_DAMAGED'],
    ['cut off in its trailer', packed.subarray(0, packed.length - 3), 'IMAGE_TRUNCATED'],
    ['damaged', Buffer.concat([packed.subarray(0, 10), filler(500)]), 'IMAGE_GZIP_DAMAGED'],
    [
      'with a header that does not end',
      Buffer.concat([Buffer.from('1f8b0808000000000003', 'hex'), filler(2000)]),
      'IMAGE_MALFORMED',
    ],
    [
      'with flags of the future',
      Buffer.concat([Buffer.from('1f8b08e0', 'hex'), packed.subarray(4)]),
      'IMAGE_MALFORMED',
    ],
    ['that holds another', gzipSync(packed), 'IMAGE_UNKNOWN'],
    ['that holds a text', gzipSync('hello'), 'IMAGE_UNKNOWN'],
  ])('%s is refused', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });

  it('that unpacks to more than the limit is refused before it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const startedMs = performance.now();
    await expect(openImage(bomb, { maxUnpackedBytes: 1024 * 1024 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_MUCH',
      details: { limit: 1024 * 1024 },
    });
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('whose content is a plain image is opened like it', async () => {
    expect(await open(withArcher(gzipSync(squashfs(3000))))).toMatchObject({
      kind: 'raw',
      rootfs: { type: 'squashfs', offset: 0, sizeBytes: 3000 },
    });
  });

  it('has the crc32 of zlib', () => {
    expect(packed.readUInt32LE(packed.length - 8)).toBe(crc32(disk));
  });
});
