import type { Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import { checksumWrong } from './findings.ts';
import { hex32, linuxVersionOf, textAt } from './text-at.ts';
import type { ImagePart, KernelInfo } from './types.ts';

export const UIMAGE_HEADER_BYTES = 64;
const MAGIC = 0x27051956;
/** "OKLI": a kernel that the loader before it looks for. @see OpenWrt target/linux/ath79/image/lzma-loader */
const MAGIC_OKLI = 0x4f4b4c49;
const DATA_OFFSET = UIMAGE_HEADER_BYTES;
const CRC_BYTES = 4;

const OS = new Map([
  [5, 'linux'],
  [17, 'u-boot'],
]);
const ARCHITECTURES = new Map([
  [2, 'arm'],
  [3, 'x86'],
  [5, 'mips'],
  [6, 'mips64'],
  [7, 'ppc'],
  [22, 'arm64'],
  [23, 'arc'],
  [24, 'x86_64'],
  [26, 'riscv'],
]);
const TYPES = new Map([
  [1, 'standalone'],
  [2, 'kernel'],
  [3, 'ramdisk'],
  [4, 'multi'],
  [5, 'firmware'],
  [6, 'script'],
  [7, 'filesystem'],
  [8, 'flat_dt'],
]);
const COMPRESSIONS = new Map([
  [0, 'none'],
  [1, 'gzip'],
  [2, 'bzip2'],
  [3, 'lzma'],
  [4, 'lzo'],
  [5, 'lz4'],
  [6, 'zstd'],
]);

/** A uImage and what its checksums say. */
export interface Uimage {
  readonly kernel: KernelInfo;
  readonly parts: readonly ImagePart[];
  /** Where its data end. */
  readonly end: number;
  readonly findings: readonly Finding[];
}

/** Whether the header of a uImage begins at an offset. */
export function isUimageAt(bytes: Uint8Array, offset: number): boolean {
  if (offset + UIMAGE_HEADER_BYTES > bytes.byteLength) return false;
  const magic = bytesAt(bytes, 'uImage header').u32be(offset);
  return magic === MAGIC || magic === MAGIC_OKLI;
}

/**
 * Read a uImage and check both of its checksums.
 *
 *    0 u32 magic 0x27051956     12 u32 size of the data     24 u32 crc32 of the data     30 u8 type
 *    4 u32 crc32 of the header  16 u32 load address         28 u8  operating system      31 u8 compression
 *    8 u32 seconds since 1970   20 u32 entry address        29 u8  architecture          32 u8[32] name
 *
 * All big-endian; the crc32 of the header is taken with its own field zero.
 *
 * @param offset where its header begins
 * @throws ImageError IMAGE_TRUNCATED
 * @see U-Boot include/image.h (struct legacy_img_hdr)
 */
export function parseUimage(bytes: Uint8Array, offset: number): Uimage {
  const read = bytesAt(bytes, 'uImage');
  const header = read.slice(offset, UIMAGE_HEADER_BYTES);
  const field = bytesAt(header, 'uImage header');
  const dataBytes = field.u32be(12);
  const data = read.slice(offset + DATA_OFFSET, dataBytes);
  const blank = Uint8Array.from(header).fill(0, 4, 4 + CRC_BYTES);
  const findings = [
    ...compare('uImage header', field.u32be(4), computeCrc32(blank)),
    ...compare('uImage data', field.u32be(24), computeCrc32(data)),
  ];
  const name = textAt(header, 32, 32);
  const type = nameOf(TYPES, field.u8(30));
  const kernel: KernelInfo = {
    format: 'uimage',
    offset,
    sizeBytes: UIMAGE_HEADER_BYTES + dataBytes,
    name,
    linuxVersion: linuxVersionOf(name),
    os: nameOf(OS, field.u8(28)),
    architecture: nameOf(ARCHITECTURES, field.u8(29)),
    compression: nameOf(COMPRESSIONS, field.u8(31)),
    builtAtSec: field.u32be(8),
    loadAddress: field.u32be(16),
    entryAddress: field.u32be(20),
  };
  const parts: ImagePart[] = [
    { name: 'uImage header', kind: 'header', offset, sizeBytes: UIMAGE_HEADER_BYTES, detail: { name, type } },
    {
      name: type === 'kernel' ? 'kernel' : `uImage ${type}`,
      kind: type === 'filesystem' ? 'unknown' : 'kernel',
      offset: offset + DATA_OFFSET,
      sizeBytes: dataBytes,
    },
  ];
  return { kernel, parts, end: offset + DATA_OFFSET + dataBytes, findings };
}

function nameOf(names: ReadonlyMap<number, string>, value: number): string {
  return names.get(value) ?? `${value}`;
}

function compare(what: string, wanted: number, found: number): Finding[] {
  return wanted === found ? [] : [checksumWrong(what, 'crc32', hex32(wanted), hex32(found))];
}
