import type { PackageManager } from '../../release/package-version.ts';
import { type InstalledPackage, parseApkInstalled, parseOpkgStatus } from './package-lists.ts';
import type { RootIndex } from './root-index.ts';

export interface PackageList {
  readonly manager: PackageManager;
  /** Where the list stands. */
  readonly path: string;
  /** Sorted by name. */
  readonly packages: readonly InstalledPackage[];
}

const OPKG_STATUS = '/usr/lib/opkg/status';
const OPKG_INFO = '/usr/lib/opkg/info';
/** apk keeps its database below `/usr` where `/lib` is a link. @see apk-tools src/database.c */
const APK_INSTALLED = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'];

/**
 * The packages of an image; absent where it has no list, as after `CONFIG_CLEAN_IPKG=y`.
 *
 * @throws ImageError IMAGE_FILE_INVALID, IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
 */
export async function readPackages(root: RootIndex): Promise<PackageList | undefined> {
  for (const path of APK_INSTALLED) {
    const text = await root.readText(path);
    if (text !== undefined) return { manager: 'apk', path, packages: parseApkInstalled(text, path) };
  }
  const text = await root.readText(OPKG_STATUS);
  if (text === undefined) return undefined;
  const packages = parseOpkgStatus(text, OPKG_STATUS);
  return {
    manager: 'opkg',
    path: OPKG_STATUS,
    packages: await Promise.all(packages.map((entry) => completeOpkg(root, entry))),
  };
}

/** The list has no sizes; the control file of each package does. */
async function completeOpkg(root: RootIndex, entry: InstalledPackage): Promise<InstalledPackage> {
  const path = `${OPKG_INFO}/${entry.name}.control`;
  const text = await root.readText(path);
  const control = text === undefined ? undefined : parseOpkgStatus(text, path)[0];
  if (control === undefined) return entry;
  return {
    ...entry,
    architecture: entry.architecture ?? control.architecture,
    sizeBytes: entry.sizeBytes ?? control.sizeBytes,
    depends: entry.depends.length > 0 ? entry.depends : control.depends,
    provides: entry.provides.length > 0 ? entry.provides : control.provides,
    essential: entry.essential || control.essential,
    abiVersion: entry.abiVersion ?? control.abiVersion,
  };
}
