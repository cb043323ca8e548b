import { join } from 'node:path';
import type { Ports } from '../io/ports.ts';
import { FlowError } from './errors.ts';

/** How the ImageBuilder names what sysupgrade takes, the likeliest first. */
const IMAGE_NAMES = [/sysupgrade/, /combined-efi\.img/, /combined\.img/, /sdcard\.img/] as const;
const IMAGE_SUFFIX = /\.(?:bin|img|itb|tar|img\.gz|bin\.gz)$/;

/**
 * The image a path speaks of: the file itself, or the one in a folder that `build` wrote.
 *
 * @param path absolute
 * @throws FlowError INSPECT_NO_FILE
 */
export async function findImage(ports: Ports, path: string): Promise<string> {
  if ((await ports.files.kind(path)) !== 'directory') return path;
  const names = (await ports.files.list(path)).filter((name) => IMAGE_SUFFIX.test(name));
  for (const pattern of IMAGE_NAMES) {
    const found = names.filter((name) => pattern.test(name));
    if (found.length === 1 && found[0] !== undefined) return join(path, found[0]);
  }
  throw new FlowError('INSPECT_NO_FILE', {
    message: `wanted one sysupgrade image in ${path}, found ${names.length === 0 ? 'none' : names.join(', ')}`,
    hint: 'give the path of the image itself',
    details: { path, kind: 'folder' },
  });
}
