import { createHash } from 'node:crypto';
import type { Finding } from '../../errors.ts';
import { computeCrc32 } from '../crc32.ts';
import type { TreeNode } from './fdt.ts';
import { checksumUnknown, checksumWrong } from './findings.ts';
import { tooMuch } from './refuse.ts';
import { hex, hex32, textAt } from './text-at.ts';

/** U-Boot takes as many as it finds; mkimage writes two. */
const MAX_HASHES = 8;
const DIGESTS: readonly string[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/**
 * Check the hashes that an image of a FIT carries: children named `hash…` with the properties `algo` and `value`.
 *
 * @param data of the image
 * @throws ImageError IMAGE_TOO_MUCH
 * @see U-Boot doc/usage/fit/source_file_format.rst (hash-1)
 */
export function checkFitHashes(image: TreeNode, data: Uint8Array): Finding[] {
  const hashes = image.children.filter(({ name }) => name.startsWith('hash'));
  if (hashes.length > MAX_HASHES) throw tooMuch('hashes of one image in a FIT image', MAX_HASHES);
  return hashes.flatMap(({ properties }) => {
    const value = properties.get('value')?.bytes;
    const algorithm = textAt(properties.get('algo')?.bytes ?? new Uint8Array(), 0, 32);
    if (value === undefined) return [];
    const what = `FIT image ${image.name}`;
    const found = digest(algorithm, data);
    if (found === undefined) return [checksumUnknown(what, algorithm)];
    return found === hex(value) ? [] : [checksumWrong(what, algorithm, hex(value), found)];
  });
}

function digest(algorithm: string, data: Uint8Array): string | undefined {
  if (algorithm === 'crc32') return hex32(computeCrc32(data));
  return DIGESTS.includes(algorithm) ? createHash(algorithm).update(data).digest('hex') : undefined;
}
