import { promisify } from 'node:util';
import { inflate, inflateSync } from 'node:zlib';
import type { Codec, Packed } from './codec.ts';
import { damaged, tooLarge } from './failure.ts';

const inflateInThread = promisify(inflate);

/**
 * What squashfs calls gzip, which is a zlib stream.
 *
 * @see RFC 1950 §2.2
 */
export const GZIP: Codec = {
  async unpack(packed) {
    try {
      return await inflateInThread(packed.bytes, { maxOutputLength: packed.maxBytes });
    } catch (error) {
      throw refused(packed, error);
    }
  },
  unpackNow(packed) {
    try {
      return inflateSync(packed.bytes, { maxOutputLength: packed.maxBytes });
    } catch (error) {
      throw refused(packed, error);
    }
  },
};

function refused(packed: Packed, error: unknown): Error {
  const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
  return isTooLarge ? tooLarge('gzip', packed) : damaged('gzip', packed, 'data', error);
}
