import { type BytesAt, bytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import type { Packed } from './codec.ts';
import { damaged } from './failure.ts';
import { measureLzma2 } from './lzma2.ts';
import { hex, verifyCheck, XZ_CHECK, type XzCheck } from './xz-check.ts';
import { checkLastFilter, parseFilter, type UndoFilter, unsupported } from './xz-filters.ts';

/** fd "7zXZ" 00, then the first byte of the flags, which is 0. */
const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0];
const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;
/** "YZ", read as little-endian. */
const FOOTER_MAGIC = 0x5a59;

/** What a number of variable length was, and where it ended. */
interface Vli {
  readonly value: number;
  readonly next: number;
}

/** What the index says of a block again. */
interface BlockSizes {
  readonly unpaddedBytes: number;
  readonly unpackedBytes: number;
}

interface BlockHeader {
  readonly sizeBytes: number;
  readonly packedBytes: number | undefined;
  readonly unpackedBytes: number | undefined;
  /** In the order of undoing them: the last of the header first. */
  readonly filters: readonly UndoFilter[];
}

/** A block of a stream, with all that unpacking it needs. */
export interface XzBlock {
  /** LZMA2, with its end mark. */
  readonly data: Uint8Array;
  readonly unpackedBytes: number;
  /** In the order of undoing them: the last of the header first. */
  readonly filters: readonly UndoFilter[];
  readonly check: XzCheck;
  /** What the check of the unpacked bytes has to be. */
  readonly wantedCheck: string;
}

/**
 * Find the blocks of one whole .xz stream, and verify all of it but what is in them.
 *
 *    stream   header, blocks, index, footer
 *    header   0 u8[6] fd "7zXZ" 00   6 u8 0   7 u8 check   8 u32 crc32 of 6 and 7
 *    block    0 u8 size of its header / 4 - 1   1 u8 flags (filters - 1, 40 packed size, 80 unpacked size)   [sizes]
 *             filters (id, length of properties, properties)   zeros   u32 crc32, then LZMA2, zeros up to a multiple of 4,
 *             and the check
 *    index    0 u8 0   number of blocks   (size of a block without its zeros, unpacked size) …   zeros   u32 crc32
 *    footer   0 u32 crc32 of 4 to 9   4 u32 size of the index / 4 - 1   8 u8[2] as 6 in the header   10 "YZ"
 *
 * Sizes, numbers and ids are 7 bits a byte, the lowest first, bit 7 saying that more follow. All else is little-endian.
 *
 * @throws ImageError CODEC_DAMAGED, CODEC_TOO_LARGE, CODEC_BAD_CHECK, CODEC_UNSUPPORTED, IMAGE_TRUNCATED
 * @see The .xz File Format §2 to §4
 */
export function parseXz(packed: Packed): readonly XzBlock[] {
  const bytes = bytesAt(packed.bytes, `xz data at byte ${packed.offset}`);
  const check = readStreamHeader(packed, bytes);
  const blocks: XzBlock[] = [];
  const sizes: BlockSizes[] = [];
  let left = packed.maxBytes;
  let at = HEADER_BYTES;
  while (bytes.u8(at) !== 0) {
    const header = readBlockHeader(packed, bytes, at);
    const dataAt = at + header.sizeBytes;
    const { packedBytes, unpackedBytes } = measureLzma2({ ...packed, maxBytes: left }, bytes, dataAt);
    if ((header.packedBytes ?? packedBytes) !== packedBytes) throw damaged('xz', packed, 'size');
    if ((header.unpackedBytes ?? unpackedBytes) !== unpackedBytes) throw damaged('xz', packed, 'size');
    const data = bytes.slice(dataAt, packedBytes);
    const checkAt = skipZeros(packed, bytes, dataAt + packedBytes);
    const wantedCheck = check.read(bytes, checkAt);
    blocks.push({ data, unpackedBytes, filters: header.filters, check, wantedCheck });
    sizes.push({ unpaddedBytes: header.sizeBytes + packedBytes + check.sizeBytes, unpackedBytes });
    left -= unpackedBytes;
    at = checkAt + check.sizeBytes;
  }
  checkEnd(packed, bytes, at, sizes);
  return blocks;
}

function readStreamHeader(packed: Packed, bytes: BytesAt): XzCheck {
  if (MAGIC.some((byte, at) => bytes.u8(at) !== byte)) throw damaged('xz', packed, 'header');
  verifyCrc32(packed, bytes, 6, 2, 8);
  const number = bytes.u8(7);
  const check = XZ_CHECK[number];
  if (check === undefined) throw unsupported(packed, 'check', number);
  return check;
}

function readBlockHeader(packed: Packed, bytes: BytesAt, at: number): BlockHeader {
  const sizeBytes = (bytes.u8(at) + 1) * 4;
  verifyCrc32(packed, bytes, at, sizeBytes - 4, at + sizeBytes - 4);
  const header = bytesAt(bytes.slice(at, sizeBytes - 4), `xz block header at byte ${packed.offset + at}`);
  const flags = header.u8(1);
  if ((flags & 0x3c) !== 0) throw damaged('xz', packed, 'header');
  let next = 2;
  const readNumber = (): number => {
    const vli = readVli(packed, header, next);
    next = vli.next;
    return vli.value;
  };
  const packedBytes = (flags & 0x40) === 0 ? undefined : readNumber();
  const unpackedBytes = (flags & 0x80) === 0 ? undefined : readNumber();
  const filters: UndoFilter[] = [];
  const filterCount = (flags & 3) + 1;
  for (let index = 0; index < filterCount; index++) {
    const id = readNumber();
    const size = readNumber();
    const properties = bytesAt(header.slice(next, size), 'properties of an xz filter');
    if (index === filterCount - 1) checkLastFilter(packed, id, properties);
    else filters.unshift(parseFilter(packed, id, properties));
    next += size;
  }
  for (; next < header.lengthBytes; next++) if (header.u8(next) !== 0) throw damaged('xz', packed, 'header');
  return { sizeBytes, packedBytes, unpackedBytes, filters };
}

/** Index and footer repeat what the blocks said; nothing follows them. */
function checkEnd(packed: Packed, bytes: BytesAt, indexAt: number, blocks: readonly BlockSizes[]): void {
  let { value, next } = readVli(packed, bytes, indexAt + 1);
  const wanted = blocks.flatMap(({ unpaddedBytes, unpackedBytes }) => [unpaddedBytes, unpackedBytes]);
  if (value !== blocks.length) throw damaged('xz', packed, 'size');
  for (const size of wanted) {
    ({ value, next } = readVli(packed, bytes, next));
    if (value !== size) throw damaged('xz', packed, 'size');
  }
  const crcAt = skipZeros(packed, bytes, next);
  verifyCrc32(packed, bytes, indexAt, crcAt - indexAt, crcAt);
  const footerAt = crcAt + 4;
  verifyCrc32(packed, bytes, footerAt + 4, 6, footerAt);
  const isWhole =
    (bytes.u32le(footerAt + 4) + 1) * 4 === footerAt - indexAt &&
    bytes.u16le(footerAt + 8) === bytes.u16le(6) &&
    bytes.u16le(footerAt + 10) === FOOTER_MAGIC &&
    bytes.lengthBytes === footerAt + FOOTER_BYTES;
  if (!isWhole) throw damaged('xz', packed, 'size');
}

function verifyCrc32(packed: Packed, bytes: BytesAt, from: number, size: number, crcAt: number): void {
  const found = computeCrc32(bytes.slice(from, size));
  verifyCheck(packed, 'crc32', hex(bytes.u32le(crcAt), 8), hex(found, 8));
}

function readVli(packed: Packed, bytes: BytesAt, at: number): Vli {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = bytes.u8(at + index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    // Zeros on top would give one number many forms.
    if ((byte === 0 && index > 0) || !Number.isSafeInteger(value)) break;
    return { value, next: at + index + 1 };
  }
  throw damaged('xz', packed, 'header');
}

/** Up to the next multiple of 4: where the stream's parts begin, all of whose sizes are one. */
function skipZeros(packed: Packed, bytes: BytesAt, at: number): number {
  let next = at;
  for (; next % 4 !== 0; next++) if (bytes.u8(next) !== 0) throw damaged('xz', packed, 'header');
  return next;
}
