import { invalidFile } from './invalid-file.ts';

/** One installed package as the image's own database has it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  /** Bytes of its files, where the database says it. */
  readonly sizeBytes: number | undefined;
  /** As written: `libc`, `libubox20240329 (>= 1)`, `!other`. */
  readonly depends: readonly string[];
  /** Other names it answers to, without versions. */
  readonly provides: readonly string[];
  readonly essential: boolean;
  /** Suffix of the name that is the version of its ABI, `20240329` in `libubox20240329`. */
  readonly abiVersion: string | undefined;
}

/**
 * The name without the version of its ABI: `libubox` of `libubox20240329`, `libnl3` of `libnl3-200`.
 *
 * @see openwrt include/package-pack.mk (a package whose name has that suffix provides the name without it)
 */
export function plainName({ name, provides, abiVersion }: InstalledPackage): string {
  const provided = provides.find(
    (plain) => name.startsWith(plain) && /^-?[0-9][0-9.-]*$/.test(name.slice(plain.length)),
  );
  if (provided !== undefined) return provided;
  if (abiVersion === undefined || abiVersion === '' || !name.endsWith(abiVersion)) return name;
  return name.slice(0, -abiVersion.length).replace(/-$/, '') || name;
}

const MAX_PACKAGES = 20_000;

/**
 * Parse the list of installed packages of opkg; what is not installed, or only its settings, is left out.
 *
 *    Package: libubox20240329               paragraphs of `Key: value`, a blank line between them
 *    Version: 2024.03.29~eb9bcb64-r1
 *    Depends: libc, libjson-c5 (>= 0.17)
 *    Provides: libubox
 *    ABIVersion: 20240329
 *    Status: install user installed         what is wanted, flags, what is
 *    Essential: yes
 *    Architecture: mips_24kc
 *    Conffiles:
 *     /etc/config/network 6b1e…             a line that begins with a blank goes on with the one before
 *
 * `/usr/lib/opkg/info/<name>.control` has the same form, without Status and with Installed-Size.
 *
 * @throws ImageError IMAGE_FILE_INVALID
 * @see openwrt/opkg-lede libopkg/pkg_parse.c (pkg_parse_line), libopkg/pkg.c (pkg_formatted_field)
 */
export function parseOpkgStatus(text: string, path: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  for (const { line, fields } of splitParagraphs(text, path)) {
    const status = fields.get('Status')?.split(' ').at(-1) ?? 'installed';
    if (status === 'not-installed' || status === 'config-files') continue;
    const sizeText = fields.get('Installed-Size') ?? '';
    if (!/^[0-9]{0,15}$/.test(sizeText)) throw invalidFile('opkg-status', path, line, 'number');
    add(found, 'opkg-status', path, line, {
      name: fields.get('Package') ?? '',
      version: fields.get('Version') ?? '',
      architecture: fields.get('Architecture'),
      sizeBytes: sizeText === '' ? undefined : Number(sizeText),
      depends: splitList(fields.get('Depends'), ','),
      provides: splitList(fields.get('Provides'), ',').map(withoutVersion),
      essential: fields.get('Essential') === 'yes',
      abiVersion: fields.get('ABIVersion'),
    });
  }
  return sorted(found);
}

function splitParagraphs(
  text: string,
  path: string,
): readonly { readonly line: number; readonly fields: ReadonlyMap<string, string> }[] {
  const paragraphs: { line: number; fields: Map<string, string> }[] = [];
  let open: Map<string, string> | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.includes('\0')) throw invalidFile('opkg-status', path, index + 1, 'nul');
    if (line.trim() === '') {
      open = undefined;
      continue;
    }
    if (/^[ \t]/.test(line) && open !== undefined) continue;
    const [, key, value] = /^([A-Za-z][A-Za-z0-9_-]*):([^\n]*)$/.exec(line.replace(/\r$/, '')) ?? [];
    if (key === undefined || value === undefined) throw invalidFile('opkg-status', path, index + 1, 'fields');
    if (open === undefined) {
      open = new Map();
      paragraphs.push({ line: index + 1, fields: open });
    }
    open.set(key, value.trim());
  }
  return paragraphs;
}

/**
 * Parse the list of installed packages of apk 3:
 *
 *    P:libubox20240329                      records, a blank line between them; one letter, a colon, the value
 *    V:2026.02.13~aa58a4f0-r1
 *    A:mips_24kc                            S: bytes of the package   I: bytes of its files
 *    D:libc libjson-c5>=0.17 !other         by blanks; `!` for what must not be there
 *    p:libubox=2026.02.13~aa58a4f0-r1
 *    g:openwrt:abiversion=20240329          tags, by blanks
 *    F:lib                                  then directories (F, M) and files (R, a, Z)
 *
 * @throws ImageError IMAGE_FILE_INVALID
 * @see apk-tools src/database.c (apk_db_fdb_read), src/package.c (apk_pkg_add_info)
 */
export function parseApkInstalled(text: string, path: string): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  let open = new Map<string, string>();
  let start = 1;
  const finish = () => {
    if (open.size > 0) add(found, 'apk-installed', path, start, readApkRecord(open, path, start));
    open = new Map();
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (line.includes('\0')) throw invalidFile('apk-installed', path, index + 1, 'nul');
    if (line === '') {
      finish();
      continue;
    }
    if (!/^[A-Za-z]:/.test(line)) throw invalidFile('apk-installed', path, index + 1, 'fields');
    if (open.size === 0) start = index + 1;
    const key = line.slice(0, 1);
    // directories and files come by the thousand, and nothing here asks for them
    if (!open.has(key)) open.set(key, line.slice(2));
  }
  finish();
  return sorted(found);
}

function readApkRecord(fields: ReadonlyMap<string, string>, path: string, line: number): InstalledPackage {
  const sizeText = fields.get('I') ?? '';
  if (!/^[0-9]{0,15}$/.test(sizeText)) throw invalidFile('apk-installed', path, line, 'number');
  const abiTag = splitList(fields.get('g'), ' ').find((tag) => tag.startsWith('openwrt:abiversion='));
  return {
    name: fields.get('P') ?? '',
    version: fields.get('V') ?? '',
    architecture: fields.get('A'),
    sizeBytes: sizeText === '' ? undefined : Number(sizeText),
    depends: splitList(fields.get('D'), ' '),
    provides: splitList(fields.get('p'), ' ').map(withoutVersion),
    essential: false,
    abiVersion: abiTag?.slice('openwrt:abiversion='.length),
  };
}

function add(
  found: Map<string, InstalledPackage>,
  form: 'apk-installed' | 'opkg-status',
  path: string,
  line: number,
  entry: InstalledPackage,
): void {
  if (entry.name === '' || entry.version === '') throw invalidFile(form, path, line, 'missing');
  if (!/^[A-Za-z0-9_.+-]{1,200}$/.test(entry.name)) throw invalidFile(form, path, line, 'characters');
  // it goes to terminals and reports
  if (!/^[!-~]{1,200}$/.test(entry.version)) throw invalidFile(form, path, line, 'characters');
  if (found.has(entry.name)) throw invalidFile(form, path, line, 'duplicate');
  if (found.size >= MAX_PACKAGES) throw invalidFile(form, path, line, 'too-many');
  found.set(entry.name, entry);
}

function splitList(text: string | undefined, separator: string): readonly string[] {
  return (text ?? '')
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `libubox=1.2`, `libubox (= 1.2)` */
function withoutVersion(item: string): string {
  return (item.split(/[(<=>~]/, 1)[0] ?? '').trim();
}

function sorted(found: ReadonlyMap<string, InstalledPackage>): readonly InstalledPackage[] {
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
