/** What the name of a package's file says. */
export interface PackageFileName {
  readonly name: string;
  readonly version: string;
}

/**
 * The plain name of a package's file.
 *
 * A file in `dl` may carry the whole address it came from with `,` for `/` (opkg) and eight digits of its digest (apk).
 *
 * @see opkg-lede libopkg/opkg_download.c (opkg_download_cache); apk-tools src/package.c (cached package file)
 */
export function plainName(path: string): string {
  return (path.split(/[/,]/).at(-1) ?? '').replace(/\.[0-9a-f]{8}\.apk$/, '.apk');
}

/**
 * Read `<name>_<version>_<architecture>.ipk` or `<name>-<version>.apk`, where the name may hold dashes and the version begins
 * with a digit and holds none but that of its revision.
 *
 * @returns `undefined` where the file is named otherwise
 * @see opkg-lede libopkg/pkg.c (pkg_formatted_name); apk-tools doc/apk-package.5.scd (package name, package version)
 */
export function parsePackageFileName(path: string): PackageFileName | undefined {
  const file = plainName(path).slice(0, 300);
  const [, name, version] =
    /^([^_]+)_([^_]+)_[^_].*\.ipk$/.exec(file) ?? /^(.+?)-(\d[^-]*(?:-r\d+)?)\.apk$/.exec(file) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}
