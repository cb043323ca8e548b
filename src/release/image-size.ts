/** Deeper than any device is described through others. */
const MAX_DEPTH = 12;
const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2 };

/**
 * The room a device's firmware has, as its makefile says it: the nearest `IMAGE_SIZE` of the definition and those it includes.
 *
 *    define Device/tplink_archer-c6-v2
 *      $(Device/tplink-safeloader-uimage)     the lines of another definition
 *      IMAGE_SIZE := 7808k                    decimal, with k or m for KiB or MiB
 *    endef
 *
 * @param makefiles texts of `target/linux/<target>/image/*.mk`
 * @returns bytes; `undefined` where it is not said, or in another form
 * @see OpenWrt include/image-commands.mk (check-size), target/linux/ath79/image/generic-tp-link.mk
 */
export function findImageSize(makefiles: readonly string[], profile: string): number | undefined {
  const definitions = new Map<string, string>();
  for (const text of makefiles)
    for (const [, name = '', body = ''] of text.matchAll(/^define Device\/(\S+)\n([\s\S]*?)^endef$/gm))
      definitions.set(name, body);
  return read(profile, 0);

  function read(name: string, depth: number): number | undefined {
    const body = definitions.get(name);
    if (body === undefined || depth > MAX_DEPTH) return undefined;
    let found: number | undefined;
    for (const line of body.split('\n')) {
      const [, included] = /^\s*\$\(Device\/(\S+)\)\s*$/.exec(line) ?? [];
      if (included !== undefined) found = read(included, depth + 1) ?? found;
      const [, digits, unit] = /^\s*IMAGE_SIZE\s*:?=\s*(\d{1,12})([km]?)\s*$/.exec(line) ?? [];
      if (digits !== undefined) found = Number(digits) * (UNIT_BYTES[unit ?? ''] ?? 1);
    }
    return found;
  }
}
