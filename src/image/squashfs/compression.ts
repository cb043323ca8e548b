import type { Codec } from '../codec/codec.ts';
import { GZIP } from '../codec/gzip.ts';
import { LZ4 } from '../codec/lz4.ts';
import { loadLzma } from '../codec/lzma.ts';
import { LZO } from '../codec/lzo.ts';
import { loadXz } from '../codec/xz.ts';
import { loadZstd } from '../codec/zstd.ts';
import { ImageError } from '../errors.ts';

export type CompressionName = 'gzip' | 'lzma' | 'lzo' | 'xz' | 'lz4' | 'zstd';

export interface Compression {
  readonly name: CompressionName;
  /** Native code and WebAssembly are loaded only for an image that needs them. */
  load(): Promise<Codec>;
}

/** By the number in the superblock, from 1 on. */
const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', load: async () => GZIP },
  { name: 'lzma', load: loadLzma },
  { name: 'lzo', load: async () => LZO },
  { name: 'xz', load: loadXz },
  { name: 'lz4', load: async () => LZ4 },
  { name: 'zstd', load: loadZstd },
];

/**
 * The compression of a superblock's number.
 *
 * @throws ImageError SQUASHFS_UNKNOWN_COMPRESSION
 * @see Linux fs/squashfs/squashfs_fs.h (ZLIB_COMPRESSION to ZSTD_COMPRESSION)
 */
export function findCompression(found: number): Compression {
  const compression = COMPRESSIONS[found - 1];
  if (compression !== undefined) return compression;
  const known = COMPRESSIONS.map(({ name }) => name);
  throw new ImageError('SQUASHFS_UNKNOWN_COMPRESSION', {
    message: `wanted a squashfs compressed with ${known.join(', ')}, found compression ${found}`,
    hint: 'this is no image of an ImageBuilder, or of one that is newer than mape-image',
    details: { found, known },
  });
}
