import { ReleaseError } from './errors.ts';

declare const brand: unique symbol;

/** A name as it stands in `PACKAGES`, without a sign: `luci`, or `libubox~2024` with a fuzzy version (apk). */
export type PackageName = string & { readonly [brand]: 'PackageName' };

/** One item of `PACKAGES`: a name to add, or with `-` before it one to remove. */
export interface PackageItem {
  readonly name: PackageName;
  readonly remove: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.+-]*(~[0-9A-Za-z_.]+)?$/;

/**
 * Accept the name of a package: what may pass through make and sh, which execute anything else.
 *
 * A version after `=` is refused whatever it is: from 25.12 on it leaks to every package named after it.
 *
 * @throws ReleaseError PACKAGE_VERSION_PINNED, PACKAGE_NAME_INVALID
 * @see OpenWrt target/imagebuilder/files/Makefile (FormatPackages)
 */
export function parsePackageName(text: string): PackageName {
  if (NAME.test(text)) return text as PackageName;
  const [name = ''] = text.split('=');
  if (text.includes('=') && NAME.test(name)) {
    throw new ReleaseError('PACKAGE_VERSION_PINNED', {
      message: `wanted a package name, found one with a version: ${JSON.stringify(text)}`,
      hint: `write ${name} alone; an ImageBuilder installs the version of its own release`,
      details: { package: text, name },
    });
  }
  throw new ReleaseError('PACKAGE_NAME_INVALID', {
    message: `wanted a package name of letters, digits, "_", ".", "+" and "-", found ${JSON.stringify(text)}`,
    hint: 'write one package name each time, as in the package table of openwrt.org',
    details: { package: text },
  });
}

/**
 * Accept one item of `PACKAGES`.
 *
 * @throws ReleaseError as parsePackageName
 */
export function parsePackageItem(text: string): PackageItem {
  const remove = text.startsWith('-');
  return { name: parsePackageName(remove ? text.slice(1) : text), remove };
}
