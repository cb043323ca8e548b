import { TextDecoder } from 'node:util';
import { escapeControls } from '../../bytes/escape-controls.ts';
import { ImageError } from '../errors.ts';
import { badInode } from './failure.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Most names by far; they are the same in UTF-8 and need no decoder, which takes longer than the rest of a name. */
const PLAIN = /^[ -.0-~]+$/;

/**
 * One name of a directory. Control characters stay: whoever prints them escapes them.
 *
 * @param latin1 its bytes, as characters 0 to ff
 * @param directory in which it stands, for the error
 * @throws ImageError SQUASHFS_BAD_NAME for an empty one, `.`, `..`, and one with a slash or a zero byte
 */
export function parseName(latin1: string, directory: string): string {
  const name = PLAIN.test(latin1) ? latin1 : decode(Buffer.from(latin1, 'latin1'));
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('\0') && !name.includes('/'))
    return name;
  const found = escapeControls(name);
  throw new ImageError('SQUASHFS_BAD_NAME', {
    message: `wanted names of files in ${directory} of the squashfs, found "${found}"`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { path: directory, name: found },
  });
}

/**
 * The target of a symlink, as it stands.
 *
 * @throws ImageError SQUASHFS_BAD_INODE where it holds a zero byte
 */
export function parseTarget(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw badInode('size');
  return decode(bytes);
}

/** UTF-8; what is none gets a lone surrogate for each byte from 80 on, so that different names stay different. */
function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
  }
}
