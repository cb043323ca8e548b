import type { Details } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import { checksumWrong } from './findings.ts';
import { hex32 } from './text-at.ts';
import type { Layout } from './types.ts';

/** "UBI#" */
const MAGIC = 0x55424923;
const HEADER_BYTES = 64;
const CRC_AT = 60;
/** Erase blocks of NAND flash and of NOR flash. */
const MIN_BLOCK_BYTES = 4 * 1024;
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;

/** Whether an image begins with the header of an erase block of UBI. */
export function isUbi(bytes: Uint8Array): boolean {
  return bytes.byteLength >= HEADER_BYTES && bytesAt(bytes, 'UBI header').u32be(0) === MAGIC;
}

/**
 * What the header of the first erase block says, and how many erase blocks there are; the volumes are not read.
 *
 *    0 u32 "UBI#"     8 u64 times erased               20 u32 offset of the data
 *    4 u8 version    16 u32 offset of the volume header   24 u32 image sequence    60 u32 crc32 of the 60 bytes before
 *
 * All big-endian; the crc32 has the initial value 0xffffffff and no final inversion. The size of an erase block stands
 * nowhere: it is the distance to the second header.
 *
 * @see linux drivers/mtd/ubi/ubi-media.h (struct ubi_ec_hdr)
 */
export function describeUbi(bytes: Uint8Array): Details {
  if (!isUbi(bytes)) return {};
  const read = bytesAt(bytes, 'UBI header');
  const blockBytes = findBlockBytes(bytes);
  return {
    version: read.u8(4),
    volumeHeaderOffset: read.u32be(16),
    dataOffset: read.u32be(20),
    imageSequence: hex32(read.u32be(24)),
    ...(blockBytes === undefined
      ? {}
      : { eraseBlockBytes: blockBytes, eraseBlocks: Math.floor(bytes.byteLength / blockBytes) }),
  };
}

function findBlockBytes(bytes: Uint8Array): number | undefined {
  const read = bytesAt(bytes, 'UBI header');
  for (let size = MIN_BLOCK_BYTES; size <= MAX_BLOCK_BYTES; size *= 2) {
    if (size + HEADER_BYTES > bytes.byteLength) return undefined;
    if (read.u32be(size) === MAGIC) return size;
  }
  return undefined;
}

/** Lay out an image that is UBI from its first byte; its volumes, the kernel among them, are not read. */
export function openUbi(bytes: Uint8Array): Layout | undefined {
  if (!isUbi(bytes)) return undefined;
  const detail = describeUbi(bytes);
  const wanted = bytesAt(bytes, 'UBI header').u32be(CRC_AT);
  const found = ~computeCrc32(bytes.subarray(0, CRC_AT)) >>> 0;
  return {
    kind: 'ubi',
    parts: [{ name: 'UBI', kind: 'rootfs', offset: 0, sizeBytes: bytes.byteLength, detail }],
    kernel: undefined,
    rootfs: { type: 'ubi', offset: 0, sizeBytes: bytes.byteLength, bytes },
    contentBytes: undefined,
    findings: wanted === found ? [] : [checksumWrong('UBI header', 'crc32', hex32(wanted), hex32(found))],
  };
}
