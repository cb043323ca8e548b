import { bytesAt } from '../bytes-at.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { malformed, tooMuch } from './refuse.ts';
import { textAt } from './text-at.ts';

export const TAR_BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;

export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly headerOffset: number;
  /** Of the content; it is followed by zeros up to the next 512 bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly mtimeSec: number;
}

/** Whether a tar archive begins here. */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.byteLength >= TAR_BLOCK_BYTES && textAt(bytes, 257, 5) === 'ustar';
}

/**
 * Read the headers of a tar archive in memory: plain files and folders, nothing else, as sysupgrade's tar has them.
 *
 *      0 u8[100] name      124 u8[12] size     148 u8[8] checksum: sum of the header with eight blanks in its place
 *    100 u8[8]   mode      136 u8[12] mtime    156 u8 type: "0" or 00 file, "5" folder
 *    257 "ustar"           345 u8[155] what stands before the name and a slash (not in GNU's form)
 *
 * Numbers are octal text. Two blocks of zeros end the archive.
 *
 * @returns the entries, and where the zeros begin
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_TOO_MUCH
 * @see POSIX.1-2017 pax, ustar Interchange Format; OpenWrt scripts/sysupgrade-tar.sh
 */
export function parseTar(bytes: Uint8Array): { readonly entries: readonly TarEntry[]; readonly end: number } {
  const read = bytesAt(bytes, 'tar archive');
  const entries: TarEntry[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const header = read.slice(at, TAR_BLOCK_BYTES);
    if (header.every((value) => value === 0)) break;
    if (entries.length === READ_LIMITS.maxTarEntries)
      throw tooMuch('entries in a sysupgrade tar', READ_LIMITS.maxTarEntries);
    const entry = parseHeader(header, at);
    read.slice(entry.offset, entry.sizeBytes);
    entries.push(entry);
    at = entry.offset + Math.ceil(entry.sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  return { entries, end: Math.min(at, bytes.byteLength) };
}

function parseHeader(header: Uint8Array, headerOffset: number): TarEntry {
  const wanted = octal(header, CHECKSUM_AT, CHECKSUM_BYTES, headerOffset);
  let sum = 0;
  for (const [index, value] of header.entries())
    sum += index >= CHECKSUM_AT && index < CHECKSUM_AT + CHECKSUM_BYTES ? 0x20 : value;
  if (sum !== wanted) throw malformed('tar header', headerOffset, `a checksum of ${sum}`, wanted);
  const letter = textAt(header, 156, 1);
  const type = letter === '5' ? 'directory' : letter === '0' || letter === '' ? 'file' : undefined;
  if (type === undefined)
    throw malformed('tar header', headerOffset, 'a file or a folder', `type "${letter}"`);
  const prefix = textAt(header, 257, 8) === 'ustar' ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    headerOffset,
    offset: headerOffset + TAR_BLOCK_BYTES,
    sizeBytes: type === 'directory' ? 0 : octal(header, 124, 12, headerOffset),
    mtimeSec: octal(header, 136, 12, headerOffset),
  };
}

function octal(header: Uint8Array, at: number, sizeBytes: number, headerOffset: number): number {
  const text = textAt(header, at, sizeBytes).trim();
  if (!/^[0-7]{1,12}$/.test(text)) throw malformed('tar header', headerOffset, 'octal digits', `"${text}"`);
  return Number.parseInt(text, 8);
}
