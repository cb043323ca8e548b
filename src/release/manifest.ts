import { ReleaseError } from './errors.ts';

const LINE = /^([A-Za-z0-9][A-Za-z0-9_.+-]*)(?: - | )(\S+)$/;

/**
 * Parse a package manifest: lines `name - version` (a file, opkg) or `name version` (the output of `make manifest`, apk).
 * Names carry the suffix of their ABI, as in `libubox20240329`.
 *
 * @returns versions by name, in the order of the text
 * @throws ReleaseError MANIFEST_INVALID for any other line, for a name twice, and for a text without a line
 * @see OpenWrt include/image.mk (Device/Build/image, manifest)
 */
export function parseManifest(text: string): ReadonlyMap<string, string> {
  const installed = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const [, name, version] = LINE.exec(line) ?? [];
    if (name === undefined || version === undefined || installed.has(name))
      throw manifestError(index + 1, line);
    installed.set(name, version);
  }
  if (installed.size === 0) throw manifestError(1, '');
  return installed;
}

function manifestError(line: number, text: string): ReleaseError {
  return new ReleaseError('MANIFEST_INVALID', {
    message: `wanted a line "name - version" in the package manifest, found ${JSON.stringify(text.slice(0, 200))} in line ${line}`,
    hint: 'see the log of the build; report this where the ImageBuilder is an official one',
    details: { line, text: text.slice(0, 200) },
  });
}
