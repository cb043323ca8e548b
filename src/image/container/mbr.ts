import { bytesAt } from '../bytes-at.ts';
import { hex32 } from './text-at.ts';

export const SECTOR_BYTES = 512;
const ENTRIES_AT = 446;
const ENTRY_BYTES = 16;
const TYPE_NAMES = new Map([
  [0x06, 'FAT16'],
  [0x0b, 'FAT32'],
  [0x0c, 'FAT32 LBA'],
  [0x0e, 'FAT16 LBA'],
  [0x82, 'Linux swap'],
  [0x83, 'Linux'],
  [0xee, 'GPT protective'],
  [0xef, 'EFI system'],
]);
const PROTECTIVE = 0xee;

/** A partition of a disk, whatever table names it. */
export interface DiskPartition {
  /** Counts from 1. */
  readonly number: number;
  readonly type: string;
  /** Of a GPT. */
  readonly name: string | undefined;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly bootable: boolean;
}

export interface Mbr {
  /** Eight hexadecimal digits; OpenWrt finds its root by it. */
  readonly signature: string;
  readonly partitions: readonly DiskPartition[];
  /** The table only keeps others from a GPT. */
  readonly isProtective: boolean;
}

/**
 * Read a master boot record; `undefined` where the first sector is none.
 *
 *    0 boot code     440 u32 disk signature     446 four entries of 16 bytes     510 55 aa
 *    entry  0 u8 0x80 bootable, 0 not     4 u8 type     8 u32 first sector     12 u32 number of sectors, little-endian
 *
 * @see UEFI Specification 2.10 §5.2 (LBA 0 format); openwrt/firmware-utils src/ptgen.c
 */
export function parseMbr(bytes: Uint8Array): Mbr | undefined {
  if (bytes.byteLength < SECTOR_BYTES) return undefined;
  const read = bytesAt(bytes.subarray(0, SECTOR_BYTES), 'master boot record');
  if (read.u16be(510) !== 0x55aa) return undefined;
  const entries = [0, 1, 2, 3].map((index) => {
    const at = ENTRIES_AT + index * ENTRY_BYTES;
    const start = read.u32le(at + 8);
    const sectors = read.u32le(at + 12);
    return { index, flag: read.u8(at), type: read.u8(at + 4), start, sectors };
  });
  const used = entries.filter(({ type, sectors }) => type !== 0 && sectors !== 0);
  // A boot sector of FAT ends in 55 aa, too; its bytes are no table.
  if (used.length === 0 || entries.some(({ flag }) => flag !== 0 && flag !== 0x80)) return undefined;
  if (used.some(({ start }) => start === 0)) return undefined;
  return {
    signature: hex32(read.u32le(440)),
    isProtective: used.some(({ type }) => type === PROTECTIVE),
    partitions: used.map(({ index, flag, type, start, sectors }) => ({
      number: index + 1,
      type: TYPE_NAMES.get(type) ?? `0x${type.toString(16).padStart(2, '0')}`,
      name: undefined,
      offset: start * SECTOR_BYTES,
      sizeBytes: sectors * SECTOR_BYTES,
      bootable: flag === 0x80,
    })),
  };
}
