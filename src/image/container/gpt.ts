import type { Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { checksumWrong } from './findings.ts';
import { type DiskPartition, SECTOR_BYTES } from './mbr.ts';
import { malformed, tooMuch } from './refuse.ts';
import { hex, hex32 } from './text-at.ts';
import type { ImagePart } from './types.ts';

const MIN_HEADER_BYTES = 92;
const MIN_ENTRY_BYTES = 128;
const MAX_ENTRY_BYTES = 4096;
const NAME_BYTES = 72;
const EMPTY_TYPE = '00000000-0000-0000-0000-000000000000';
const TYPE_NAMES = new Map([
  ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', 'EFI system'],
  ['21686148-6449-6e6f-744e-656564454649', 'BIOS boot'],
  ['0fc63daf-8483-4772-8e79-3d69d8477de4', 'Linux'],
  ['ebd0a0a2-b9e5-4433-87c0-68b6b72699c7', 'basic data'],
]);

export interface Gpt {
  readonly partitions: readonly DiskPartition[];
  /** Header and entries. */
  readonly parts: readonly ImagePart[];
  /** Sector of the copy at the end of the disk. */
  readonly backupSector: bigint;
  readonly findings: readonly Finding[];
}

/** Whether a GUID partition table has its header in a sector. */
export function isGptAt(bytes: Uint8Array, offset: number): boolean {
  const text = Buffer.from(bytes.subarray(offset, offset + 8)).toString('latin1');
  return text === 'EFI PART' && bytes.byteLength - offset >= SECTOR_BYTES;
}

/**
 * Read a GUID partition table and check both of its checksums.
 *
 *    header   0 "EFI PART"    12 u32 size of header     24 u64 own sector      72 u64 sector of the entries   84 u32 size of one
 *             8 u32 version   16 u32 crc32 of header    32 u64 the other's     80 u32 number of entries       88 u32 their crc32
 *    entry    0 u8[16] type   16 u8[16] own GUID        32 u64 first sector    40 u64 last sector             56 u16[36] name
 *
 * All little-endian; the crc32 of the header is taken with its own field zero.
 *
 * @param offset of the header
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_TOO_MUCH
 * @see UEFI Specification 2.10 §5.3 (GUID Partition Table)
 */
export function parseGpt(bytes: Uint8Array, offset: number): Gpt {
  const read = bytesAt(bytes, 'GPT');
  const sector = bytesAt(read.slice(offset, SECTOR_BYTES), 'GPT header');
  const headerBytes = sector.u32le(12);
  if (headerBytes < MIN_HEADER_BYTES || headerBytes > SECTOR_BYTES)
    throw malformed('GPT header', offset + 12, `${MIN_HEADER_BYTES} to ${SECTOR_BYTES} bytes`, headerBytes);
  const count = sector.u32le(80);
  if (count > READ_LIMITS.maxGptEntries) throw tooMuch('entries in a GPT', READ_LIMITS.maxGptEntries);
  const entryBytes = sector.u32le(84);
  if (entryBytes < MIN_ENTRY_BYTES || entryBytes > MAX_ENTRY_BYTES)
    throw malformed('GPT header', offset + 84, `entries of ${MIN_ENTRY_BYTES} bytes or more`, entryBytes);
  const entriesAt = toOffset(sector.u64le(72));
  const entries = read.slice(entriesAt, count * entryBytes);
  const blank = Uint8Array.from(sector.slice(0, headerBytes)).fill(0, 16, 20);
  return {
    partitions: Array.from({ length: count }, (_, index) =>
      parseEntry(entries.subarray(index * entryBytes, (index + 1) * entryBytes), index),
    ).filter((partition) => partition !== undefined),
    parts: [
      { name: 'GPT header', kind: 'partition-table', offset, sizeBytes: SECTOR_BYTES },
      { name: 'GPT entries', kind: 'partition-table', offset: entriesAt, sizeBytes: entries.byteLength },
    ],
    backupSector: sector.u64le(32),
    findings: [
      ...compare('GPT header', sector.u32le(16), computeCrc32(blank)),
      ...compare('GPT entries', sector.u32le(88), computeCrc32(entries)),
    ],
  };
}

function parseEntry(entry: Uint8Array, index: number): DiskPartition | undefined {
  const read = bytesAt(entry, 'GPT entry');
  const type = guid(read.slice(0, 16));
  if (type === EMPTY_TYPE) return undefined;
  const offset = toOffset(read.u64le(32));
  const end = toOffset(read.u64le(40) + 1n);
  if (end <= offset) throw malformed('GPT entry', offset, 'a first sector before the last', `${end} bytes`);
  const name = Buffer.from(read.slice(56, NAME_BYTES)).toString('utf16le').replace(/\0.*$/s, '');
  return {
    number: index + 1,
    type: TYPE_NAMES.get(type) ?? type,
    name: name === '' ? undefined : name,
    offset,
    sizeBytes: end - offset,
    bootable: (read.u64le(48) & 4n) !== 0n,
  };
}

/** Sectors to bytes; a number that no disk has becomes one that lies behind every file. */
function toOffset(sector: bigint): number {
  const offset = sector * BigInt(SECTOR_BYTES);
  return offset > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(offset);
}

// UEFI Specification 2.10 appendix A: the first three fields are little-endian.
function guid(bytes: Uint8Array): string {
  const parts = [
    bytes.subarray(0, 4).toReversed(),
    bytes.subarray(4, 6).toReversed(),
    bytes.subarray(6, 8).toReversed(),
    bytes.subarray(8, 10),
    bytes.subarray(10, 16),
  ];
  return parts.map(hex).join('-');
}

function compare(what: string, wanted: number, found: number): Finding[] {
  return wanted === found ? [] : [checksumWrong(what, 'crc32', hex32(wanted), hex32(found))];
}
