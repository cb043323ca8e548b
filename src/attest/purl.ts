/** What a package URL of an OpenWrt package is made of. */
export interface PurlParts {
  readonly packageManager: 'opkg' | 'apk';
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  /** `24.10.8` */
  readonly release: string;
}

/**
 * The package URL of a package of OpenWrt.
 *
 * The type `apk` names the vendor `openwrt` in its own definition. No type is registered for opkg, and an unregistered one
 * (`opkg`, `openwrt`) would be read by no scanner, so those are `generic` with the same name space.
 *
 * @see package-url/purl-spec types/apk-definition.json, types/generic-definition.json, PURL-SPECIFICATION.rst (character encoding)
 */
export function renderPurl({ packageManager, name, version, architecture, release }: PurlParts): string {
  const type = packageManager === 'apk' ? 'apk' : 'generic';
  // The type apk folds case, the type generic does not.
  const shown = packageManager === 'apk' ? name.toLowerCase() : name;
  // Qualifiers are sorted by key.
  const qualifiers = [
    ...(architecture === undefined ? [] : [`arch=${encode(architecture)}`]),
    `distro=${encode(`openwrt-${release}`)}`,
  ];
  return `pkg:${type}/openwrt/${encode(shown)}@${encode(version)}?${qualifiers.join('&')}`;
}

/** Percent-encoding that leaves alphanumerics and `.-_~:` as they are. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
