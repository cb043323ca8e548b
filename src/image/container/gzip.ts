import { createInflateRaw } from 'node:zlib';
import type { Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { computeCrc32 } from '../crc32.ts';
import { ImageError } from '../errors.ts';
import { checksumWrong, sizeDiffers } from './findings.ts';
import { malformed, tooMuch } from './refuse.ts';
import { hex32, textAt } from './text-at.ts';

const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
const TRAILER_BYTES = 8;
/** File name and comment in the header. */
const MAX_TEXT_BYTES = 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface Unpacked {
  readonly bytes: Uint8Array;
  /** What the header says the file was called. */
  readonly name: string | undefined;
  readonly headerBytes: number;
  /** Of the whole member, its trailer with it. */
  readonly sizeBytes: number;
  readonly findings: readonly Finding[];
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/**
 * Unpack the first member of a gzip file, up to a limit. A wrong checksum is a finding, for what was unpacked may still
 * be worth a look.
 *
 *    0 u16 1f 8b    2 u8 8 (deflate)    3 u8 flags    4 u32 mtime    8 u8 extra flags    9 u8 system
 *    then by flags  4: u16 length and data    8: name, 00    16: comment, 00    2: u16 crc16
 *    deflate data, u32 crc32, u32 size modulo 2^32; all little-endian
 *
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_GZIP_DAMAGED, IMAGE_TOO_MUCH
 * @see RFC 1952 §2.3
 */
export async function unpackGzip(bytes: Uint8Array, maxBytes: number): Promise<Unpacked> {
  const read = bytesAt(bytes, 'gzip file');
  const { headerBytes, name } = parseHeader(bytes);
  const { chunks, inputBytes } = await inflate(
    read.slice(headerBytes, bytes.byteLength - headerBytes),
    maxBytes,
  );
  const unpacked = Buffer.concat(chunks);
  const trailerAt = headerBytes + inputBytes;
  const crc = read.u32le(trailerAt);
  const sizeModulo = read.u32le(trailerAt + 4);
  const actual = computeCrc32(unpacked);
  return {
    bytes: unpacked,
    name,
    headerBytes,
    sizeBytes: trailerAt + TRAILER_BYTES,
    findings: [
      ...(crc === actual ? [] : [checksumWrong('gzip content', 'crc32', hex32(crc), hex32(actual))]),
      ...(sizeModulo === unpacked.byteLength % 2 ** 32
        ? []
        : [sizeDiffers('gzip trailer', sizeModulo, unpacked.byteLength)]),
    ],
  };
}

function parseHeader(bytes: Uint8Array): { readonly headerBytes: number; readonly name: string | undefined } {
  const read = bytesAt(bytes, 'gzip header');
  const flags = read.u8(3);
  if ((flags & FLAG.reserved) !== 0) throw malformed('gzip header', 3, 'flags below 32', flags);
  let at = 10;
  if ((flags & FLAG.extra) !== 0) at += 2 + read.u16le(at);
  const text = (): string => {
    const value = textAt(bytes, at, MAX_TEXT_BYTES);
    at += value.length + 1;
    if (read.u8(at - 1) !== 0) throw malformed('gzip header', at - 1, 'a text that ends', 'more text');
    return value;
  };
  const name = (flags & FLAG.name) === 0 ? undefined : text();
  if ((flags & FLAG.comment) !== 0) text();
  if ((flags & FLAG.headerCrc) !== 0) at += 2;
  read.slice(0, at);
  return { headerBytes: at, name };
}

async function inflate(
  data: Uint8Array,
  maxBytes: number,
): Promise<{ readonly chunks: readonly Buffer[]; readonly inputBytes: number }> {
  const inflater = createInflateRaw({ chunkSize: CHUNK_BYTES });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    inflater.end(data);
    for await (const chunk of inflater) {
      if (!Buffer.isBuffer(chunk)) continue;
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw tooMuch('bytes in an unpacked image', maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImageError('IMAGE_GZIP_DAMAGED', {
      message: `wanted a whole gzip file, found it damaged: ${reason}`,
      hint: 'the file was cut or damaged; build or download it again',
      details: { reason },
      cause,
    });
  }
  return { chunks, inputBytes: inflater.bytesWritten };
}
