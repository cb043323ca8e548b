import { describe, expect, it } from 'vitest';
import { codeOf, codesOf, open, outline } from './container-expect.ts';
import { deviceTree, fitImage, rightHashes } from './container-fit-writer.ts';
import { filler, padRootfs, squashfs, tar, u32, withArcher } from './container-writers.ts';

const kernelData = filler(3000, 2);
const dtb = filler(400, 4);
const rootfs = squashfs(5000);
const padded = Buffer.concat([rootfs, Buffer.alloc(120)]);
const kernel = { type: 'kernel', data: kernelData, description: 'ARM64 OpenWrt Linux-6.6.93' } as const;
const inside = { 'kernel-1': kernel, 'fdt-1': { type: 'flat_dt', data: dtb } } as const;

describe('a FIT image', () => {
  it('with the root file system in it is a whole sysupgrade image', async () => {
    const fit = fitImage({
      'kernel-1': { ...kernel, external: 'position' },
      'fdt-1': { type: 'flat_dt', data: dtb, external: 'position' },
      'rootfs-1': { type: 'filesystem', data: padded, external: 'position' },
    });
    const image = withArcher(padRootfs(fit));
    const opened = await open(image);
    expect(opened.kind).toBe('fit');
    expect(opened.kernel).toEqual({
      format: 'fit',
      offset: 4096,
      sizeBytes: 3000,
      name: 'ARM64 OpenWrt Linux-6.6.93',
      linuxVersion: '6.6.93',
      os: 'linux',
      architecture: 'arm64',
      compression: 'gzip',
      builtAtSec: 1_700_000_000,
      loadAddress: 0x44000000,
      entryAddress: 0x44000000,
    });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', sizeBytes: 5000 });
    expect(Buffer.from(opened.rootfs?.bytes ?? []).equals(rootfs)).toBe(true);
    expect(opened.contentBytes).toBe((opened.rootfs?.offset ?? 0) + 5000);
    expect(opened.findings).toEqual([]);
    expect(
      opened.parts.filter(({ kind }) => !['padding', 'marker'].includes(kind)).map(({ kind }) => kind),
    ).toEqual(['header', 'kernel', 'dtb', 'rootfs', 'metadata']);
  });

  it('finds data that are counted from the end of the tree', async () => {
    const fit = fitImage({
      'kernel-1': { ...kernel, external: 'offset' },
      'rootfs-1': { type: 'filesystem', data: rootfs, external: 'offset' },
    });
    const opened = await open(fit);
    expect(opened.kernel).toMatchObject({ offset: 4096, sizeBytes: 3000 });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: 4096 + 3008 });
    expect(opened.findings).toEqual([]);
  });

  it('that holds all of its data is a kernel, and the root file system follows it', async () => {
    const fit = fitImage(inside);
    const opened = await open(padRootfs(Buffer.concat([fit, rootfs])));
    expect(opened.kernel).toMatchObject({ format: 'fit', offset: 0, sizeBytes: fit.length });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: fit.length, sizeBytes: 5000 });
    expect(opened.contentBytes).toBe(fit.length + 5000);
    const kernelAt = fit.indexOf(kernelData);
    expect(outline(opened.parts)[1]).toEqual(['kernel', kernelAt, 3000]);
    expect(opened.findings).toEqual([]);
  });

  it('may be the kernel of a sysupgrade tar', async () => {
    const fit = fitImage(inside);
    const image = await tar([
      { name: 'sysupgrade-x/kernel', bytes: fit },
      { name: 'sysupgrade-x/root', bytes: rootfs },
    ]);
    const opened = await open(image);
    expect(opened.kernel).toMatchObject({ format: 'fit', sizeBytes: fit.length, linuxVersion: '6.6.93' });
    expect(opened.contentBytes).toBe(fit.length + 5000);
  });

  it.each(['crc32', 'sha1', 'sha256'])('shows a wrong %s', async (algorithm) => {
    const right = rightHashes(kernelData)[algorithm] ?? new Uint8Array();
    const wrong = Uint8Array.from(right, (value) => value ^ 0x80);
    const fit = fitImage({ 'kernel-1': { ...kernel, hashes: { [algorithm]: wrong } } });
    const opened = await open(fit);
    expect(opened.findings).toMatchObject([
      {
        severity: 'error',
        code: 'IMAGE_CHECKSUM_WRONG',
        details: {
          algorithm,
          wanted: Buffer.from(wrong).toString('hex'),
          found: Buffer.from(right).toString('hex'),
        },
      },
    ]);
  });

  it('shows a checksum that it does not know', async () => {
    const fit = fitImage({ 'kernel-1': { ...kernel, hashes: { blake3: filler(32) } } });
    expect(codesOf(await open(fit))).toEqual(['IMAGE_CHECKSUM_UNKNOWN']);
  });

  it('that is cut off in its external data is refused', async () => {
    const fit = fitImage({ 'kernel-1': { ...kernel, external: 'position' } });
    expect(await codeOf(fit.subarray(0, 4096 + 2999))).toBe('IMAGE_TRUNCATED');
  });

  it.each([
    ['no images', deviceTree({ properties: { model: 'x' } }), 'IMAGE_MALFORMED'],
    ['images over each other', shared(4096, 4096), 'IMAGE_OVERLAP'],
    ['an image over the tree', shared(0, 4096), 'IMAGE_OVERLAP'],
    ['more images than any has', many(257), 'IMAGE_TOO_MUCH'],
    ['more hashes than any has', hashed(9), 'IMAGE_TOO_MUCH'],
    ['more levels than any has', nested(40), 'IMAGE_TOO_MUCH'],
    ['more properties than any has', wide(20_001), 'IMAGE_TOO_MUCH'],
    ['an old version', patched(20, 16), 'IMAGE_MALFORMED'],
    ['a size smaller than its header', patched(4, 39), 'IMAGE_MALFORMED'],
    ['a size larger than the file', patched(4, 0xffffffff), 'IMAGE_TRUNCATED'],
    ['a structure behind its end', patched(8, 0xfffffff0), 'IMAGE_TRUNCATED'],
    ['strings behind its end', patched(12, 0xfffffff0), 'IMAGE_TRUNCATED'],
    ['a structure that ends without saying so', patched(36, 8), 'IMAGE_TRUNCATED'],
    ['a token that does not exist', patched(56, 7), 'IMAGE_MALFORMED'],
    ['an end without a beginning', patched(56, 2), 'IMAGE_MALFORMED'],
  ])('with %s is refused', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });
});

function shared(first: number, second: number): Buffer {
  const node = (offset: number) => ({
    properties: { type: 'firmware', 'data-position': offset, 'data-size': 100 },
  });
  const tree = deviceTree({ children: { images: { children: { a: node(first), b: node(second) } } } });
  return Buffer.concat([tree, filler(8192)]);
}

function many(count: number): Buffer {
  const children = Object.fromEntries(Array.from({ length: count }, (_, index) => [`i${index}`, {}]));
  return deviceTree({ children: { images: { children } } });
}

function hashed(count: number): Buffer {
  const hashes = Array.from({ length: count }, (_, index) => [
    `hash-${index}`,
    { properties: { algo: 'crc32', value: u32(0) } },
  ]);
  const image = { properties: { type: 'kernel', data: filler(9) }, children: Object.fromEntries(hashes) };
  return deviceTree({ children: { images: { children: { 'kernel-1': image } } } });
}

function nested(levels: number): Buffer {
  let node = {};
  for (let level = 0; level < levels; level += 1) node = { children: { n: node } };
  return deviceTree(node);
}

function wide(count: number): Buffer {
  const data = Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index % 7}${index}`, '']));
  return deviceTree({ properties: data });
}

function patched(at: number, value: number): Buffer {
  const fit = fitImage(inside);
  fit.writeUInt32BE(value, at);
  return fit;
}
