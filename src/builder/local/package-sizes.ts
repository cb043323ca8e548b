import { join } from 'node:path';
import type { Ports } from '../../io/ports.ts';
import { comparePackageVersions } from '../../release/package-version.ts';
import type { TreeLocation } from './locate.ts';
import { parsePackageFileName } from './package-file-name.ts';
import { listDir } from './tree-files.ts';

/**
 * Sizes in bytes of the package files that a tree has and that are kept for its feeds, by name, of the newest version each.
 *
 * @param cachedBytes sizes by name of file, of what is kept
 * @throws IoError FILE_UNREADABLE
 */
export async function readPackageSizes(
  ports: Ports,
  { dir, packageManager }: TreeLocation,
  cachedBytes: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const newest = new Map<string, { readonly version: string; readonly sizeBytes: number }>();
  const add = (file: string, sizeBytes: number): void => {
    const { name, version } = parsePackageFileName(file) ?? {};
    if (name === undefined || version === undefined) return;
    const known = newest.get(name);
    if (known === undefined || comparePackageVersions(packageManager, version, known.version) > 0)
      newest.set(name, { version, sizeBytes });
  };
  for (const [file, sizeBytes] of cachedBytes) add(file, sizeBytes);
  for (const folder of ['packages', 'dl'])
    for (const file of await listDir(ports, join(dir, folder))) {
      const path = join(dir, folder, file);
      if (!/\.(ipk|apk)$/.test(file) || (await ports.files.kind(path)) !== 'file') continue;
      add(file, await ports.files.sizeBytes(path));
    }
  return new Map([...newest].map(([name, { sizeBytes }]) => [name, sizeBytes]));
}
