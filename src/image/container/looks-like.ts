import { ImageError } from '../errors.ts';
import { hex } from './text-at.ts';

const SHOWN_BYTES = 16;

/** What files begin with that are no images, whatever lies in them. */
const FOREIGN: readonly (readonly [hexDigits: string, name: string])[] = [
  ['504b0304', 'a zip archive'],
  ['504b0506', 'an empty zip archive'],
  ['1f8b', 'a gzip file'],
  ['fd377a585a00', 'an xz file'],
  ['28b52ffd', 'a zstd file'],
  ['425a68', 'a bzip2 file'],
  ['377abcaf271c', 'a 7z archive'],
  ['526172211a07', 'a rar archive'],
  ['7f454c46', 'an ELF program'],
  ['4d5a', 'a Windows or EFI program'],
  ['23212f', 'a script'],
  ['25504446', 'a PDF'],
  ['89504e47', 'a PNG picture'],
];

/** Headers of vendors that this tool does not read; a squashfs behind them is found all the same. */
const VENDORS: readonly (readonly [hexDigits: string, name: string])[] = [
  ['48445230', 'a TRX image without a squashfs'],
  ['5ea3a417', 'a SEAMA image without a squashfs'],
  ['2a23245e', 'a NETGEAR CHK image without a squashfs'],
];

/** Whether a file is of a kind in which no image lies open. */
export function isForeign(bytes: Uint8Array): boolean {
  const digits = hex(bytes.subarray(0, SHOWN_BYTES));
  return FOREIGN.some(([hexDigits]) => digits.startsWith(hexDigits));
}

/** Name a file by its first bytes. */
export function describeStart(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return 'an empty file';
  const start = bytes.subarray(0, SHOWN_BYTES);
  const digits = hex(start);
  const known = [...FOREIGN, ...VENDORS].find(([hexDigits]) => digits.startsWith(hexDigits));
  if (known !== undefined) return known[1];
  if (start.every((value) => value === 0)) return 'nothing but zero bytes at its beginning';
  if (start.every((value) => value === 0xff)) return 'erased flash (ff) at its beginning';
  const text = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  if (/^\s*<(!doctype|html|head|\?xml)/i.test(text)) return 'a web page';
  if (/^\s*[{[]/.test(text)) return 'JSON';
  if (/^[\t\n\r -~]+$/.test(text)) return 'text';
  return `bytes that are not known: ${digits}`;
}

/** The error for a file that is no image this tool can read. */
export function refuseUnknown(bytes: Uint8Array): ImageError {
  const found = describeStart(bytes);
  return new ImageError('IMAGE_UNKNOWN', {
    message: `wanted an image of OpenWrt, found ${found}`,
    hint: 'give the file whose name ends in sysupgrade.bin, factory.bin, .itb, .tar or .img.gz',
    details: { found, firstBytes: hex(bytes.subarray(0, SHOWN_BYTES)) },
  });
}
