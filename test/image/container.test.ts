import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, readFixture } from '../support/fixtures.ts';
import { codeOf, codesOf, open, outline } from './container-expect.ts';
import {
  ARCHER,
  filler,
  fwtool,
  MARK,
  metadata,
  padRootfs,
  safeloaderFactory,
  safeloaderSysupgrade,
  sealFactory,
  squashfs,
  tar,
  tplink,
  u32,
  ubi,
  uimage,
  withArcher,
} from './container-writers.ts';

const kernel = uimage(filler(5000));
const k = kernel.length;
const rootfs = squashfs(3001);
const r = rootfs.length;

describe('a safeloader sysupgrade image', () => {
  const body = safeloaderSysupgrade(kernel, rootfs);
  const image = withArcher(body);

  it('is kernel, squashfs, padding, one mark and metadata', async () => {
    const opened = await open(image);
    expect(opened.kind).toBe('safeloader-sysupgrade');
    expect(outline(opened.parts)).toEqual([
      ['header', 0, 64],
      ['kernel', 64, k - 64],
      ['rootfs', k, r],
      ['padding', k + r, 0x10000 - k - r],
      ['marker', 0x10000, 4],
      ['metadata', 0x10004, image.length - 0x10004],
    ]);
    expect(opened.findings).toEqual([]);
    expect(opened.contentBytes).toBe(k + r);
  });

  it('shows the root file system as a view of exactly its bytes', async () => {
    const { rootfs: found } = await open(image);
    expect(found).toMatchObject({ type: 'squashfs', offset: k, sizeBytes: r });
    expect(found?.bytes.buffer).toBe(image.buffer);
    expect(Buffer.from(found?.bytes ?? []).equals(rootfs)).toBe(true);
  });

  it('says what its kernel says', async () => {
    const { kernel: found } = await open(image);
    expect(found).toEqual({
      format: 'uimage',
      offset: 0,
      sizeBytes: k,
      name: 'MIPS OpenWrt Linux-6.6.93',
      linuxVersion: '6.6.93',
      os: 'linux',
      architecture: 'mips',
      compression: 'lzma',
      builtAtSec: 1_700_000_000,
      loadAddress: 0x80060000,
      entryAddress: 0x80060000,
    });
  });

  it('is measured as a real one of OpenWrt 23.05.2 was', async () => {
    // Kernel and root file system have the sizes of a build that was measured; so has the end before the metadata.
    const opened = await open(safeloaderSysupgrade(uimage(filler(1_599_289 - 64)), squashfs(58_970)));
    expect(opened.sizeBytes).toBe(1_703_940);
    expect(opened.contentBytes).toBe(1_599_289 + 58_970);
  });

  it.each([
    ['many marks, as padjffs2 writes them', padRootfs(Buffer.concat([kernel, rootfs])), 'uimage'],
    [
      'metadata of a board of another vendor',
      fwtool(body, 1, metadata({ ...ARCHER, version: { board: 'ubnt_unifiac-lite' } })),
      'uimage',
    ],
    ['no metadata at all', body, 'safeloader-sysupgrade'],
  ])('is told by its one mark and its board: %s', async (_, bytes, kind) => {
    expect((await open(bytes)).kind).toBe(kind);
  });
});

describe('a safeloader factory image', () => {
  it('is laid out by its table, and its texts are shown', async () => {
    const image = safeloaderFactory(kernel, rootfs);
    const opened = await open(image);
    expect(opened.kind).toBe('safeloader-factory');
    expect(opened.parts.map(({ name }) => name)).toEqual([
      'safeloader header',
      'fwup-ptn',
      'partition-table',
      'soft-version',
      'support-list',
      'os-image',
      'rootfs',
      'padding',
      'deadc0de',
      'extra-para',
    ]);
    expect(opened.parts.find(({ name }) => name === 'support-list')?.detail).toEqual({
      devices: [
        '{product_name:Archer A6,product_ver:2.0.0,special_id:45550000}',
        '{product_name:Archer C6,product_ver:2.0.0,special_id:45550000}',
      ],
    });
    expect(opened.parts.find(({ name }) => name === 'soft-version')?.detail).toEqual({
      version: 'soft_ver:1.9.1',
    });
    expect(opened.kernel).toMatchObject({ linuxVersion: '6.6.93', sizeBytes: k });
    expect(opened.contentBytes).toBe(k + r);
    expect(opened.findings).toEqual([]);
  });

  it('is found at the places the table of a real one names', async () => {
    const table = fromDump('image/container/factory-partition-table.hex');
    const content = Buffer.alloc(0x197878, 0xff);
    content.set(table, 0);
    content.set(uimage(filler(0x186739 - 64)), 0x1130);
    content.set(squashfs(58_970), 0x187869);
    content.set(MARK, 0x197869);
    content.fill(0x20, 0x1019, 0x1130);
    const image = sealFactory(content);
    const real = fromDump('image/container/factory-first-64-bytes.hex');
    expect(image.subarray(0, 4)).toEqual(real.subarray(0, 4));
    expect(image.subarray(20, 64)).toEqual(real.subarray(20, 64));
    const opened = await open(image);
    const rows = readFixture('image/container/factory-info-23.05.2.txt')
      .split('\n')
      .slice(4, 9)
      .map((line) => line.split(' '));
    expect(rows).toHaveLength(5);
    for (const [base = '', size = '', name = ''] of rows) {
      const offset = 0x1014 + Number.parseInt(base, 16);
      const part = opened.parts.find((candidate) => candidate.offset === offset);
      expect(part?.name).toBe(name === 'file-system' ? 'rootfs' : name);
      if (name !== 'file-system') expect(part?.sizeBytes).toBe(Number.parseInt(size, 16));
    }
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', sizeBytes: 58_970 });
    expect(opened.findings).toEqual([]);
  });

  it.each([
    [
      'a bit flipped behind the header',
      (image: Buffer) => flip(image, 0x3000),
      ['IMAGE_CHECKSUM_WRONG', 'IMAGE_CHECKSUM_WRONG'],
    ],
    [
      'bytes behind its end',
      (image: Buffer) => Buffer.concat([image, Buffer.from('rest')]),
      ['IMAGE_SIZE_DIFFERS', 'IMAGE_UNKNOWN_BYTES'],
    ],
  ])('with %s is shown with what is wrong', async (_, change, codes) => {
    expect(codesOf(await open(change(safeloaderFactory(kernel, rootfs))))).toEqual(codes);
  });

  it.each([
    ['a row that is none', 'fwup-ptn os-image base 12 size 0x10\t\r\n', 'IMAGE_MALFORMED'],
    ['a partition behind the end', 'fwup-ptn os-image base 0x800 size 0xffffffff\t\r\n', 'IMAGE_TRUNCATED'],
    [
      'two partitions in one place',
      'fwup-ptn a base 0x800 size 0x10\t\r\nfwup-ptn b base 0x80f size 0x10\t\r\n',
      'IMAGE_OVERLAP',
    ],
    ['a partition over the table', 'fwup-ptn a base 0x00000 size 0x10\t\r\n', 'IMAGE_OVERLAP'],
    ['more rows than any has', 'fwup-ptn a base 0x0 size 0x0\n'.repeat(65), 'IMAGE_TOO_MUCH'],
  ])('with %s is refused', async (_, rows, code) => {
    const content = Buffer.concat([Buffer.from(rows), Buffer.alloc(0x800 - rows.length), filler(100)]);
    expect(await codeOf(sealFactory(content))).toBe(code);
  });
});

describe('a uImage', () => {
  it.each([
    ['at once', Buffer.concat([kernel, rootfs]), k],
    ['behind padding', Buffer.concat([kernel, Buffer.alloc(0x2000 - k, 0xff), rootfs]), 0x2000],
    ['behind bytes that are not known', Buffer.concat([kernel, filler(77), rootfs]), k + 77],
  ])('is followed by its root file system %s', async (_, bytes, offset) => {
    const opened = await open(padRootfs(bytes));
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset, sizeBytes: r });
    expect(opened.contentBytes).toBe(offset + r);
    expect(codesOf(opened)).toEqual(offset === k + 77 ? ['IMAGE_UNKNOWN_BYTES'] : []);
  });

  it('alone is a kernel to boot from memory', async () => {
    const opened = await open(kernel);
    expect(opened).toMatchObject({ kind: 'uimage', rootfs: undefined, contentBytes: undefined });
  });

  it('may be a loader with the kernel at the next erase block', async () => {
    const loader = uimage(filler(900), { name: 'Loader' });
    const second = uimage(filler(4000), { magic: 0x4f4b4c49 });
    const image = padRootfs(
      Buffer.concat([loader, Buffer.alloc(4096 - loader.length, 0xff), second, rootfs]),
    );
    const opened = await open(image);
    expect(opened.kernel).toMatchObject({
      offset: 0,
      sizeBytes: 4096 + second.length,
      linuxVersion: '6.6.93',
    });
    expect(opened.rootfs?.offset).toBe(4096 + second.length);
  });

  it.each([
    ['its name', 40, ['IMAGE_CHECKSUM_WRONG']],
    ['its data', 1000, ['IMAGE_CHECKSUM_WRONG']],
    ['its load address', 16, ['IMAGE_CHECKSUM_WRONG']],
  ])('with a bit flipped in %s is shown with what is wrong', async (_, at, codes) => {
    expect(codesOf(await open(flip(safeloaderSysupgrade(kernel, rootfs), at)))).toEqual(codes);
  });

  it('is no disk, whatever stands in its data', async () => {
    const data = filler(900);
    data.fill(0, 446 - 64, 510 - 64);
    data.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 1], 446 - 64);
    data.set([0x55, 0xaa], 510 - 64);
    expect((await open(uimage(data))).kind).toBe('uimage');
  });

  it('without a mark behind its squashfs may bring old settings back', async () => {
    expect(codesOf(await open(Buffer.concat([kernel, rootfs])))).toEqual(['IMAGE_NO_MARKER']);
  });
});

describe("TP-Link's old header", () => {
  const plain = filler(3000, 5);

  it.each([1, 2] as const)('version %d names the places of kernel and root file system', async (version) => {
    const image = tplink(version, plain, rootfs);
    const opened = await open(withArcher(image));
    expect(opened.kind).toBe(`tplink-v${version}`);
    expect(outline(opened.parts).slice(0, 4)).toEqual([
      ['header', 0, 512],
      ['kernel', 512, 3000],
      ['padding', 3512, 584],
      ['rootfs', 4096, r],
    ]);
    expect(opened.kernel).toMatchObject({
      sizeBytes: 3512,
      loadAddress: 0x80060000,
      entryAddress: 0x80060004,
    });
    expect(opened.contentBytes).toBe(4096 + r);
    expect(opened.parts[0]?.detail).toMatchObject({
      firmwareVersion: version === 1 ? 'ver. 1.0' : 'ver. 2.0',
      hardwareId: version === 1 ? '08410009' : '08410013',
    });
    expect(opened.findings).toEqual([]);
  });

  it('says nothing of a root file system that was put behind a finished kernel', async () => {
    const opened = await open(tplink(1, plain, rootfs, true));
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', offset: 3512, sizeBytes: r });
    expect(opened.findings).toEqual([]);
  });

  it.each([1, 2] as const)('version %d has an md5 that is checked', async (version) => {
    const image = flip(tplink(version, plain, rootfs), 2000);
    expect(codesOf(await open(image))).toEqual(['IMAGE_CHECKSUM_WRONG']);
  });

  it('tells the kernel in LZMA by its first byte', async () => {
    const opened = await open(tplink(1, Buffer.concat([Buffer.from([0x5d, 0, 0, 0x80, 0]), plain]), rootfs));
    expect(opened.kernel?.compression).toBe('lzma');
  });
});

describe('a sysupgrade tar', () => {
  const folder = 'sysupgrade-linksys_e8450';
  const entries = [
    { name: `${folder}/` },
    { name: `${folder}/CONTROL`, bytes: Buffer.from('BOARD=linksys_e8450\n') },
    { name: `${folder}/kernel`, bytes: kernel },
    { name: `${folder}/root`, bytes: Buffer.concat([rootfs, Buffer.alloc(95)]) },
  ];

  it('has kernel and root in entries of their own', async () => {
    const opened = await open(withArcher(await tar(entries)));
    expect(opened.kind).toBe('sysupgrade-tar');
    expect(opened.kernel).toMatchObject({ format: 'uimage', sizeBytes: k, linuxVersion: '6.6.93' });
    expect(opened.rootfs).toMatchObject({ type: 'squashfs', sizeBytes: r });
    expect(opened.contentBytes).toBe(k + r);
    expect(opened.parts.find(({ name }) => name === 'CONTROL')?.detail).toEqual({
      text: 'BOARD=linksys_e8450',
    });
    expect(opened.findings).toEqual([]);
  });

  it('may hold a root of ubifs', async () => {
    const root = Buffer.concat([Buffer.from('31181006', 'hex'), filler(600)]);
    const image = await tar([...entries.slice(0, 3), { name: `${folder}/root`, bytes: root }]);
    expect((await open(image)).rootfs).toMatchObject({ type: 'ubifs', sizeBytes: 604 });
  });

  it.each([
    ['a link', [{ name: `${folder}/root`, type: 'symlink' as const }], 'IMAGE_MALFORMED'],
    ['a name that is none of sysupgrade', [{ name: 'etc/passwd', bytes: filler(9) }], 'IMAGE_MALFORMED'],
    [
      'more entries than any has',
      Array.from({ length: 65 }, () => ({ name: `${folder}/kernel`, bytes: filler(1) })),
      'IMAGE_TOO_MUCH',
    ],
  ])('with %s is refused', async (_, list, code) => {
    expect(await codeOf(await tar(list))).toBe(code);
  });

  it('with a damaged header is refused', async () => {
    expect(await codeOf(flip(await tar(entries), 512 + 101))).toBe('IMAGE_MALFORMED');
  });
});

describe('metadata and signatures', () => {
  const body = safeloaderSysupgrade(kernel, rootfs);

  it('are those of a real image', async () => {
    const info = readFileSync(fixturePath('image/info-chunk.bin')).subarray(0, -16);
    const signature = readFileSync(fixturePath('image/signature-chunk.bin')).subarray(0, -16);
    const opened = await open(fwtool(fwtool(body, 1, info), 0, signature));
    expect(opened.metadata).toMatchObject({
      metadataVersion: '1.1',
      compatVersion: '1.0',
      supportedDevices: ['tplink,archer-c6-v2'],
      dist: 'OpenWrt',
      version: '23.05.2',
      revision: 'r23630-842932a63d',
      target: 'ath79/generic',
      board: 'tplink_archer-c6-v2',
    });
    // The comment in the chunk names the key, for people.
    expect(opened.signatures).toEqual([
      { format: 'ucert', keyIds: ['e2b607918ac25a19', 'e2b607918ac25a19'] },
    ]);
    expect(opened.findings).toEqual([]);
  });

  it('name the boards of a higher compat version', async () => {
    const value = {
      ...ARCHER,
      compat_version: '1.1',
      compat_message: 'partition design changed',
      new_supported_devices: ['linksys,e8450'],
      supported_devices: ['Image version mismatch: image 1.1, device 1.0'],
      later: { key: 1 },
    };
    const { metadata: found } = await open(fwtool(body, 1, metadata(value)));
    expect(found).toMatchObject({
      supportedDevices: ['linksys,e8450'],
      legacyDevices: ['Image version mismatch: image 1.1, device 1.0'],
      compatVersion: '1.1',
      compatMessage: 'partition design changed',
    });
  });

  it.each([
    ['no JSON', Buffer.concat([u32(0, 0), Buffer.from('{')])],
    ['a list', Buffer.concat([u32(0, 0), Buffer.from('[]')])],
    ['boards that are no texts', metadata({ supported_devices: [1] })],
    ['more than fwtool reads', metadata({ compat_message: 'x'.repeat(31_000) })],
    ['nothing', Buffer.alloc(0)],
  ])('that are %s are a finding', async (_, payload) => {
    const opened = await open(fwtool(body, 1, payload));
    expect(opened.metadata).toBeUndefined();
    expect(codesOf(opened)).toEqual(['IMAGE_METADATA_INVALID']);
  });

  it('that are of nobody are a finding', async () => {
    const opened = await open(fwtool(body, 0, filler(40)));
    expect(opened.signatures).toEqual([{ format: 'unknown', keyIds: [] }]);
    expect(codesOf(opened)).toEqual(['IMAGE_SIGNATURE_UNREADABLE']);
  });

  it('of usign alone name its key', async () => {
    const blob = Buffer.concat([Buffer.from('Ed'), Buffer.from('0123456789abcdef', 'hex'), filler(64)]);
    const text = `untrusted comment: signed\n${blob.toString('base64')}\n`;
    expect((await open(fwtool(body, 0, Buffer.from(text)))).signatures).toEqual([
      { format: 'usign', keyIds: ['0123456789abcdef'] },
    ]);
  });

  it('with a wrong crc32 leave the rest to be shown', async () => {
    const opened = await open(flip(withArcher(body), k + 200));
    expect(codesOf(opened)).toEqual(['FWTOOL_BAD_CRC']);
    expect(opened.metadata?.board).toBe('tplink_archer-c6-v2');
  });
});

describe('other files', () => {
  it('UBI is named, with the size and number of its erase blocks', async () => {
    const opened = await open(ubi(4, 128 * 1024));
    expect(opened).toMatchObject({ kind: 'ubi', rootfs: { type: 'ubi' }, findings: [] });
    expect(opened.parts[0]?.detail).toMatchObject({
      volumeHeaderOffset: 2048,
      dataOffset: 4096,
      eraseBlockBytes: 128 * 1024,
      eraseBlocks: 4,
      imageSequence: '1234abcd',
    });
    expect(codesOf(await open(flip(ubi(2, 8192), 10)))).toEqual(['IMAGE_CHECKSUM_WRONG']);
  });

  it('a squashfs alone needs no mark behind it', async () => {
    expect(await open(rootfs)).toMatchObject({ kind: 'raw', kernel: undefined, findings: [] });
  });

  it('a squashfs alone and one behind an unknown start are opened', async () => {
    expect(await open(padRootfs(rootfs))).toMatchObject({ kind: 'raw', contentBytes: r, findings: [] });
    const opened = await open(padRootfs(Buffer.concat([filler(1000), rootfs])));
    expect(opened).toMatchObject({ kind: 'raw', rootfs: { offset: 1000 }, contentBytes: 1000 + r });
    expect(codesOf(opened)).toEqual(['IMAGE_UNKNOWN_BYTES']);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'an empty file'],
    ['a zip', Buffer.concat([Buffer.from('PK\x03\x04'), rootfs]), 'a zip archive'],
    ['a page', Buffer.from('<!DOCTYPE html><html>'), 'a web page'],
    ['a list', Buffer.from('{"profiles": {}}'), 'JSON'],
    ['erased flash', Buffer.alloc(99, 0xff), 'erased flash (ff) at its beginning'],
    ['noise', filler(4000), `bytes that are not known: ${filler(16).toString('hex')}`],
    ['an xz', Buffer.from('fd377a585a000004', 'hex'), 'an xz file'],
  ])('%s: refused, and what it looks like is said', async (_, bytes, found) => {
    await expect(open(bytes)).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN', details: { found } });
  });

  it('a squashfs that says it is longer than the file is refused', async () => {
    expect(await codeOf(Buffer.concat([kernel, rootfs.subarray(0, -1)]))).toBe('IMAGE_TRUNCATED');
  });
});

function flip(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Bytes of a dump as xxd writes it. */
function fromDump(name: string): Buffer {
  const rows = readFixture(name)
    .split('\n')
    .map((line) => line.slice(10, 50).replaceAll(' ', ''));
  return Buffer.from(rows.join(''), 'hex');
}
