import { createHash } from 'node:crypto';
import type { Details, Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { findFilesystemAt } from './filesystem-at.ts';
import { checksumWrong, sizeDiffers } from './findings.ts';
import { describePlacedKernel } from './kernel.ts';
import { malformed, tooMuch } from './refuse.ts';
import { takeRootfs } from './rootfs.ts';
import { hex, textAt } from './text-at.ts';
import type { ImagePart, Layout, PartKind } from './types.ts';

const TABLE_AT = 0x1014;
const TABLE_BYTES = 0x800;
const MD5_AT = 4;
const MD5_BYTES = 16;
/** What the md5 is taken with, before the bytes from 0x14 on. */
const MD5_KEY = '7a2b15ed9b98596de504ab44ac2a9f4e';
/** u32 length and u32 zero in front of the text of a partition. */
const TEXT_AT = 8;
const MAX_TEXT_BYTES = 8 * 1024;
const ROW = /^fwup-ptn ([\w-]{1,32}) base 0x([0-9a-f]{1,8}) size 0x([0-9a-f]{1,8})\s*$/;

const KIND_OF_NAME = new Map<string, PartKind>([
  ['partition-table', 'partition-table'],
  ['soft-version', 'metadata'],
  ['support-list', 'metadata'],
  ['extra-para', 'metadata'],
  ['os-image', 'kernel'],
  ['file-system', 'rootfs'],
]);

interface Partition {
  readonly name: string;
  /** From the beginning of the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Whether a file is what the web page of TP-Link's own firmware takes. */
export function isSafeloaderFactory(bytes: Uint8Array): boolean {
  return textAt(bytes, TABLE_AT, 9) === 'fwup-ptn ';
}

/**
 * Lay out a factory image of TP-Link's safeloader.
 *
 *    0x0000 u32 size of the file, big-endian     0x0014 u8[0x1000] vendor block, ff
 *    0x0004 u8[16] md5 of a key and all bytes     0x1014 u8[0x800] table: lines "fwup-ptn NAME base 0x… size 0x…\t\r\n", 00, ff
 *           from 0x14 on                          0x1814 the partitions; a base counts from 0x1014
 *
 *    soft-version, support-list, extra-para   0 u32 length    4 u32 0    8 text    00
 *    file-system                              squashfs, ff, "deadc0de"
 *
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_TOO_MUCH, and those of parseFit
 * @see openwrt/firmware-utils src/tplink-safeloader.c (generate_factory_image)
 */
export function openSafeloader(bytes: Uint8Array): Layout {
  const read = bytesAt(bytes, 'safeloader image');
  const partitions = parseTable(read.slice(TABLE_AT, TABLE_BYTES));
  for (const { offset, sizeBytes } of partitions) read.slice(offset, sizeBytes);
  const system = partitions.find(({ name }) => name === 'file-system');
  const at = system && findFilesystemAt(bytes, system.offset, system.offset + system.sizeBytes);
  const found = at && takeRootfs(bytes, at);
  const image = partitions.find(({ name }) => name === 'os-image');
  const placed = image && describePlacedKernel(bytes, image.offset, image.sizeBytes);
  return {
    kind: 'safeloader-factory',
    parts: [
      { name: 'safeloader header', kind: 'header', offset: 0, sizeBytes: TABLE_AT },
      { name: 'fwup-ptn', kind: 'partition-table', offset: TABLE_AT, sizeBytes: TABLE_BYTES },
      ...partitions.map((partition) =>
        partition === system && found !== undefined ? found.part : partOf(bytes, partition),
      ),
    ],
    kernel: placed?.kernel,
    rootfs: found?.rootfs,
    contentBytes:
      placed === undefined || found === undefined
        ? undefined
        : placed.kernel.sizeBytes + found.rootfs.sizeBytes,
    findings: [...checkHeader(bytes), ...(placed?.findings ?? [])],
  };
}

function parseTable(table: Uint8Array): Partition[] {
  const text = textAt(table, 0, TABLE_BYTES);
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  if (rows.length > READ_LIMITS.maxVendorPartitions)
    throw tooMuch('partitions in a safeloader image', READ_LIMITS.maxVendorPartitions);
  return rows.map((row) => {
    const [, name = '', base = '', size = ''] = ROW.exec(row) ?? [];
    if (name === '')
      throw malformed('safeloader table', TABLE_AT, 'lines "fwup-ptn NAME base 0x… size 0x…"', row.trim());
    return { name, offset: TABLE_AT + Number.parseInt(base, 16), sizeBytes: Number.parseInt(size, 16) };
  });
}

function partOf(bytes: Uint8Array, { name, offset, sizeBytes }: Partition): ImagePart {
  const part = { name, kind: KIND_OF_NAME.get(name) ?? 'unknown', offset, sizeBytes };
  const detail = describeText(name, bytes.subarray(offset, offset + sizeBytes));
  return detail === undefined ? part : { ...part, detail };
}

function describeText(name: string, bytes: Uint8Array): Details | undefined {
  const text = textAt(bytes, TEXT_AT, MAX_TEXT_BYTES);
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (name === 'support-list') return { devices: lines.filter((line) => line.startsWith('{')) };
  if (name === 'soft-version' && text.startsWith('soft_ver:')) return { version: lines[0] ?? '' };
  return undefined;
}

function checkHeader(bytes: Uint8Array): Finding[] {
  const read = bytesAt(bytes, 'safeloader header');
  const sizeBytes = read.u32be(0);
  if (sizeBytes !== bytes.byteLength) return [sizeDiffers('safeloader header', sizeBytes, bytes.byteLength)];
  const wanted = hex(read.slice(MD5_AT, MD5_BYTES));
  const found = createHash('md5')
    .update(MD5_KEY, 'hex')
    .update(bytes.subarray(MD5_AT + MD5_BYTES))
    .digest('hex');
  return wanted === found ? [] : [checksumWrong('safeloader image', 'md5', wanted, found)];
}
