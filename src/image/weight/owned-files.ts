import type { PackageManager } from '../../release/package-version.ts';
import type { RootIndex } from '../contents/root-index.ts';

const OPKG_INFO = '/usr/lib/opkg/info';
const LIST_SUFFIX = '.list';

/** Absolute paths of the files of each installed package, by its name. */
export type OwnedFiles = ReadonlyMap<string, readonly string[]>;

/**
 * Which package each file belongs to, by the image's own database; what an overlay brought belongs to none.
 *
 *    opkg   /usr/lib/opkg/info/<name>.list: one absolute path a line
 *    apk    in the database, in the record of the package:
 *           F:usr/sbin     a directory       R:mape-status     a file in the directory before it
 *
 * @param databasePath of the list of packages
 * @throws ImageError IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
 * @see openwrt/opkg-lede libopkg/pkg.c (pkg_get_installed_files); apk-tools src/database.c (apk_db_fdb_read)
 */
export async function readOwnedFiles(
  root: RootIndex,
  manager: PackageManager,
  databasePath: string,
): Promise<OwnedFiles> {
  if (manager === 'apk') return parseApkFiles((await root.readText(databasePath)) ?? '');
  const lists = root.list(OPKG_INFO).filter(({ path }) => path.endsWith(LIST_SUFFIX));
  const owned = await Promise.all(
    lists.map(async ({ path }): Promise<[string, readonly string[]]> => {
      const name = path.slice(OPKG_INFO.length + 1, -LIST_SUFFIX.length);
      const lines = ((await root.readText(path)) ?? '').split('\n');
      // `path<TAB>mode` from opkg 2020 on
      return [name, lines.map((line) => line.split('\t')[0] ?? '').filter((line) => line.startsWith('/'))];
    }),
  );
  return new Map(owned);
}

function parseApkFiles(text: string): OwnedFiles {
  const owned = new Map<string, string[]>();
  let files: string[] = [];
  let folder = '';
  for (const line of text.split('\n')) {
    const value = line.slice(2);
    if (line === '') files = [];
    else if (line.startsWith('P:')) owned.set(value, files);
    else if (line.startsWith('F:')) folder = value === '' ? '' : `/${value}`;
    else if (line.startsWith('R:')) files.push(`${folder}/${value}`);
  }
  return owned;
}
