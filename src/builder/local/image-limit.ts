import { join } from 'node:path';
import type { Ports } from '../../io/ports.ts';
import { findImageSize } from '../../release/image-size.ts';

/** The makefiles of a target are some hundred KiB; anything larger is none. */
const MAX_MAKEFILE_BYTES = 4 * 1024 * 1024;

/**
 * The room a device's firmware has by the ImageBuilder's own makefiles.
 *
 * @param target `ath79/generic`
 * @returns bytes; `undefined` where they do not say it
 */
export async function readImageLimit(
  ports: Ports,
  tree: string,
  target: string,
  profile: string,
): Promise<number | undefined> {
  const folder = join(tree, 'target/linux', target.split('/')[0] ?? '', 'image');
  if ((await ports.files.kind(folder)) !== 'directory') return undefined;
  const texts: string[] = [];
  for (const name of await ports.files.list(folder)) {
    const path = join(folder, name);
    if (!/^(?:Makefile|.*\.mk)$/.test(name) || (await ports.files.kind(path)) !== 'file') continue;
    if ((await ports.files.sizeBytes(path)) <= MAX_MAKEFILE_BYTES)
      texts.push(await ports.files.readText(path));
  }
  return findImageSize(texts, profile);
}
