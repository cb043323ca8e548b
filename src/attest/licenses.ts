/** One entry of `licenses` of a CycloneDX component. */
export type LicenseChoice =
  | { readonly license: { readonly id: string } | { readonly name: string } }
  | { readonly expression: string };

/** SPDX ids that packages of OpenWrt carry; any other text stands as a name, which claims nothing. */
const SPDX_IDS: ReadonlySet<string> = new Set([
  '0BSD',
  'AGPL-3.0',
  'AGPL-3.0-only',
  'AGPL-3.0-or-later',
  'Apache-2.0',
  'Artistic-1.0-Perl',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSD-4-Clause',
  'BSL-1.0',
  'CC0-1.0',
  'curl',
  'EPL-2.0',
  'GPL-1.0-or-later',
  'GPL-2.0',
  'GPL-2.0+',
  'GPL-2.0-only',
  'GPL-2.0-or-later',
  'GPL-3.0',
  'GPL-3.0+',
  'GPL-3.0-only',
  'GPL-3.0-or-later',
  'ISC',
  'LGPL-2.0-or-later',
  'LGPL-2.1',
  'LGPL-2.1+',
  'LGPL-2.1-only',
  'LGPL-2.1-or-later',
  'LGPL-3.0-or-later',
  'Libpng',
  'MIT',
  'MPL-2.0',
  'OpenSSL',
  'PSF-2.0',
  'Unlicense',
  'Zlib',
]);

/**
 * The licences of a package as it states them: SPDX ids and names with blanks between them, or an SPDX expression.
 *
 * @param text absent where the package says nothing: `NOASSERTION`, the word of SPDX for that
 * @see CycloneDX 1.6 (licenseChoice); SPDX 2.3 annex D (license expressions); OpenWrt include/package-defaults.mk (PKG_LICENSE)
 */
export function computeLicenses(text: string | undefined): readonly LicenseChoice[] {
  const words = (text ?? '').split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [{ license: { name: 'NOASSERTION' } }];
  if (words.some((word) => ['AND', 'OR', 'WITH'].includes(word))) return [{ expression: words.join(' ') }];
  return [...new Set(words)].map((word) => ({
    license: SPDX_IDS.has(word) ? { id: word } : { name: word },
  }));
}
