import type { Finding } from '../../errors.ts';
import { ImageError } from '../errors.ts';

/**
 * Do something with one file of an image; what is wrong with that file becomes a finding, so that all others are still
 * looked at.
 *
 * @returns absent where there was a finding
 * @throws whatever is no error of the file: ROOTFS_NO_SUCH_FILE and errors of the root's own reader that say that the
 *   image as a whole cannot be read
 */
export async function collectImageError<T>(
  findings: Finding[],
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ImageError) || !OF_ONE_FILE.has(error.code)) throw error;
    const { code, message, hint, details } = error;
    findings.push({ severity: 'warning', code, message, details, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

const OF_ONE_FILE: ReadonlySet<string> = new Set(['IMAGE_FILE_INVALID', 'IMAGE_FILE_TOO_LARGE']);
