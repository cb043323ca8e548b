import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { pack } from 'tar-stream';

/** Bytes that are neither 00 nor ff and repeat nowhere soon. */
export function filler(sizeBytes: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length: sizeBytes }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return ((state >>> 16) % 254) + 1;
    }),
  );
}

export const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
};

export const MARK = Buffer.from('deadc0de', 'hex');

export interface UimageFields {
  readonly name?: string;
  readonly magic?: number;
  readonly builtAtSec?: number;
  readonly load?: number;
  readonly entry?: number;
}

export function uimage(data: Uint8Array, fields: UimageFields = {}): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(fields.magic ?? 0x27051956, 0);
  header.writeUInt32BE(fields.builtAtSec ?? 1_700_000_000, 8);
  header.writeUInt32BE(data.byteLength, 12);
  header.writeUInt32BE(fields.load ?? 0x80060000, 16);
  header.writeUInt32BE(fields.entry ?? 0x80060000, 20);
  header.writeUInt32BE(crc32(data), 24);
  header.set([5, 5, 2, 3], 28);
  header.write(fields.name ?? 'MIPS OpenWrt Linux-6.6.93', 32, 32, 'latin1');
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, data]);
}

/** A superblock and filler: enough for whoever only looks where it lies. */
export function squashfs(sizeBytes: number): Buffer {
  const bytes = filler(sizeBytes, 7);
  bytes.fill(0, 0, 96);
  bytes.write('hsqs', 0, 'latin1');
  bytes.writeUInt32LE(262144, 12);
  bytes.writeUInt16LE(18, 22);
  bytes.writeUInt16LE(4, 28);
  bytes.writeUInt16LE(0, 30);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 40);
  return bytes;
}

const fill = (sizeBytes: number, value = 0xff): Buffer => Buffer.alloc(Math.max(0, sizeBytes), value);
const roundUp = (size: number, to: number): number => Math.ceil(size / to) * to;

/** As tplink-safeloader writes it: ff up to the next 64 KiB of the flash, then the mark. */
export function safeloaderSysupgrade(kernel: Uint8Array, rootfs: Uint8Array): Buffer {
  const used = kernel.byteLength + rootfs.byteLength;
  const end = roundUp(0x30000 + used, 0x10000) - 0x30000;
  return Buffer.concat([kernel, rootfs, fill(end - used), MARK]);
}

/** As padjffs2 writes it: a mark at each size of erase block. */
export function padRootfs(image: Uint8Array, blockKib: readonly number[] = [4, 8, 16, 64, 128, 256]): Buffer {
  let bytes = Buffer.from(image);
  let open = blockKib.map((size) => size * 1024);
  while (open.length > 0) {
    const smallest = Math.min(...open);
    const end = roundUp(bytes.length, smallest);
    open = open.filter((size) => end % size !== 0);
    bytes = Buffer.concat([bytes, fill(end - bytes.length), MARK]);
  }
  return bytes;
}

export function fwtool(image: Uint8Array, type: 0 | 1, payload: Uint8Array): Buffer {
  const before = Buffer.concat([image, payload]);
  return Buffer.concat([
    before,
    Buffer.from('FWx0'),
    u32(~crc32(before)),
    Buffer.from([type, 0, 0, 0]),
    u32(payload.byteLength + 16),
  ]);
}

export function metadata(value: object): Buffer {
  return Buffer.concat([u32(0, 0), Buffer.from(`${JSON.stringify(value)}\n`)]);
}

export const ARCHER = {
  metadata_version: '1.1',
  compat_version: '1.0',
  supported_devices: ['tplink,archer-c6-v2'],
  version: {
    dist: 'OpenWrt',
    version: '24.10.4',
    revision: 'r28959-29397011cc',
    target: 'ath79/generic',
    board: 'tplink_archer-c6-v2',
  },
} as const;

export const withArcher = (image: Uint8Array): Buffer => fwtool(image, 1, metadata(ARCHER));

export interface FactoryEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const textEntry = (text: string): Buffer =>
  Buffer.concat([u32(text.length, 0), Buffer.from(text, 'latin1'), Buffer.from([0])]);

export const SUPPORT_LIST =
  'SupportList:\n{product_name:Archer A6,product_ver:2.0.0,special_id:45550000}\n' +
  '{product_name:Archer C6,product_ver:2.0.0,special_id:45550000}\n';

/** A safeloader factory image; its table is that of a real one but for the numbers. */
export function safeloaderFactory(kernel: Uint8Array, rootfs: Uint8Array): Buffer {
  const system = Buffer.concat([rootfs, fill(roundUp(rootfs.byteLength, 0x1000) - rootfs.byteLength), MARK]);
  const entries: FactoryEntry[] = [
    { name: 'partition-table', bytes: Buffer.concat([Buffer.from('00040000', 'hex'), fill(0x7fc)]) },
    { name: 'soft-version', bytes: textEntry('soft_ver:1.9.1\n\0') },
    { name: 'support-list', bytes: textEntry(SUPPORT_LIST) },
    { name: 'os-image', bytes: kernel },
    { name: 'file-system', bytes: system },
    { name: 'extra-para', bytes: Buffer.concat([u32(2, 0), Buffer.from([0, 1, 0])]) },
  ];
  let base = 0x800;
  let table = '';
  const number = (value: number): string => `0x${value.toString(16).padStart(5, '0')}`;
  for (const { name, bytes } of entries) {
    table += `fwup-ptn ${name} base ${number(base)} size ${number(bytes.byteLength)}\t\r\n`;
    base += bytes.byteLength;
  }
  return sealFactory(
    Buffer.concat([
      Buffer.from(`${table}\0`),
      fill(0x800 - table.length - 1),
      ...entries.map(({ bytes }) => bytes),
    ]),
  );
}

/** Header, vendor block and md5 in front of everything from 0x1014 on. */
export function sealFactory(content: Uint8Array): Buffer {
  const rest = Buffer.concat([u32(0), fill(0x1000 - 4), content]);
  const md5 = createHash('md5').update('7a2b15ed9b98596de504ab44ac2a9f4e', 'hex').update(rest).digest();
  return Buffer.concat([u32(rest.length + 20), md5, rest]);
}

/** TP-Link's old header, filled as mktplinkfw does. */
export function tplink(version: 1 | 2, kernel: Uint8Array, rootfs: Uint8Array, combined = false): Buffer {
  const [md5At, loadAt] = version === 1 ? [0x4c, 0x74] : [0x40, 0x68];
  const salt = version === 1 ? 'dcd73aa5c39598fbddf9e7f40eae4738' : 'dcd73aa5c39598fbdcf9e7f40eae4737';
  const header = Buffer.alloc(512, version === 1 ? 0 : 0xff);
  header.writeUInt32BE(version << 24, 0);
  if (version === 1) {
    header.write('TP-LINK Technologies', 4, 'latin1');
    header.write('ver. 1.0', 0x1c, 'latin1');
    header.set(u32(0x08410009, 1), 0x40);
  } else {
    header.write('ver. 2.0\0', 4, 'latin1');
    header.set(u32(0x08410013, 3), 0x34);
    header.set([0x55, 0xaa, 1, 0, 0xa5, 0, 0, 0], 0x8c);
  }
  const rootfsAt = roundUp(512 + kernel.byteLength, 0x400);
  header.set(
    u32(
      0x80060000,
      0x80060004,
      0x3c0000,
      512,
      kernel.byteLength,
      combined ? 0 : rootfsAt,
      combined ? 0 : rootfs.byteLength,
    ),
    loadAt,
  );
  header.write(combined ? '00'.repeat(16) : salt, md5At, 'hex');
  const parts = combined
    ? [header, kernel, rootfs]
    : [header, kernel, fill(rootfsAt - 512 - kernel.byteLength), rootfs];
  const image = padRootfs(Buffer.concat(parts), [4, 64]);
  if (!combined) image.set(createHash('md5').update(image).digest(), md5At);
  return image;
}

/** A tar as tar-stream writes it, another writer than the one of OpenWrt. */
export async function tar(
  entries: readonly { name: string; bytes?: Uint8Array; type?: 'symlink' }[],
): Promise<Buffer> {
  const archive = pack();
  for (const { name, bytes, type } of entries) {
    const common = { name, mode: 0o644, mtime: new Date(1_700_000_000_000) };
    if (type === 'symlink') archive.entry({ ...common, type, linkname: '/etc/passwd' });
    else if (bytes === undefined) archive.entry({ ...common, type: 'directory' });
    else archive.entry({ ...common, size: bytes.byteLength }, Buffer.from(bytes));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export interface TestPartition {
  readonly startSector: number;
  readonly sectors: number;
  readonly content: Uint8Array;
  readonly type?: number;
}

/** A disk with a master boot record and something of GRUB's behind it. */
export function mbrDisk(partitions: readonly TestPartition[], tailSectors = 0): Buffer {
  const ends = partitions.map(({ startSector, sectors }) => startSector + sectors);
  const disk = Buffer.alloc((Math.max(1, ...ends) + tailSectors) * 512);
  disk.set(filler(400, 3), 0);
  disk.writeUInt32LE(0x12345678, 440);
  for (const [index, { startSector, sectors, content, type }] of partitions.entries()) {
    const at = 446 + index * 16;
    disk[at] = index === 0 ? 0x80 : 0;
    disk[at + 4] = type ?? 0x83;
    disk.writeUInt32LE(startSector, at + 8);
    disk.writeUInt32LE(sectors, at + 12);
    disk.set(content, startSector * 512);
  }
  disk.set([0x55, 0xaa], 510);
  return disk;
}

export interface TestGptPartition {
  readonly typeGuid: string;
  readonly name: string;
  readonly startSector: number;
  readonly sectors: number;
  readonly content: Uint8Array;
}

/** A disk with a GUID partition table of 128 entries at both ends. */
export function gptDisk(partitions: readonly TestGptPartition[]): Buffer {
  const end = Math.max(...partitions.map(({ startSector, sectors }) => startSector + sectors));
  const sectors = end + 33;
  const disk = mbrDisk([{ startSector: 1, sectors: sectors - 1, content: new Uint8Array(), type: 0xee }]);
  const entries = Buffer.alloc(128 * 128);
  for (const [index, partition] of partitions.entries()) {
    const entry = entries.subarray(index * 128);
    entry.set(guidBytes(partition.typeGuid), 0);
    entry.set(filler(16, index + 1), 16);
    entry.writeBigUInt64LE(BigInt(partition.startSector), 32);
    entry.writeBigUInt64LE(BigInt(partition.startSector + partition.sectors - 1), 40);
    entry.write(partition.name, 56, 'utf16le');
    disk.set(partition.content, partition.startSector * 512);
  }
  const header = (own: number, other: number, entriesAt: number): Buffer => {
    const bytes = Buffer.alloc(92);
    bytes.write('EFI PART', 0, 'latin1');
    bytes.writeUInt32LE(0x10000, 8);
    bytes.writeUInt32LE(92, 12);
    bytes.writeBigUInt64LE(BigInt(own), 24);
    bytes.writeBigUInt64LE(BigInt(other), 32);
    bytes.writeBigUInt64LE(BigInt(entriesAt), 72);
    bytes.writeUInt32LE(128, 80);
    bytes.writeUInt32LE(128, 84);
    bytes.writeUInt32LE(crc32(entries), 88);
    bytes.writeUInt32LE(crc32(bytes), 16);
    return bytes;
  };
  disk.set(header(1, sectors - 1, 2), 512);
  disk.set(entries, 1024);
  disk.set(entries, (sectors - 33) * 512);
  disk.set(header(sectors - 1, 1, sectors - 33), (sectors - 1) * 512);
  return disk;
}

function guidBytes(text: string): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = text.split('-');
  const swap = (digits: string): Buffer => Buffer.from(digits, 'hex').reverse();
  return Buffer.concat([swap(a), swap(b), swap(c), Buffer.from(d + e, 'hex')]);
}

export function ext4(sizeBytes: number): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(1024), filler(sizeBytes - 1024, 11)]);
  bytes.writeUInt16LE(0xef53, 1080);
  return bytes;
}

export function fat(sizeBytes: number): Buffer {
  const bytes = filler(sizeBytes, 13);
  bytes.write('FAT16   ', 54, 'latin1');
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

export function ubi(blocks: number, blockBytes: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('UBI#', 0, 'latin1');
  header[4] = 1;
  header.writeUInt32BE(2048, 16);
  header.writeUInt32BE(4096, 20);
  header.writeUInt32BE(0x1234abcd, 24);
  header.writeUInt32BE(~crc32(header.subarray(0, 60)) >>> 0, 60);
  const block = Buffer.concat([header, fill(4096 - 64), filler(blockBytes - 4096)]);
  return Buffer.concat(Array.from({ length: blocks }, () => block));
}
