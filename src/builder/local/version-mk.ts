/** What an ImageBuilder has baked into `include/version.mk`. */
export interface VersionMk {
  /** `24.10.4`, `SNAPSHOT` */
  readonly version: string | undefined;
  /** Seconds since 1970. */
  readonly sourceDateEpochSec: number | undefined;
}

/**
 * Read the version and the build time out of the two files of a tree that set them. A version in `.config` goes before
 * the default in `include/version.mk`, as it does in make.
 *
 * @param versionMk text of `include/version.mk`
 * @param config text of `.config`
 * @see OpenWrt include/version.mk, target/imagebuilder/Makefile
 */
export function parseVersionMk(versionMk: string, config: string): VersionMk {
  const [, configured] = /^CONFIG_VERSION_NUMBER="([^"\n]+)"$/m.exec(config) ?? [];
  // The last assignment counts: it is either plain, or the default inside of $(if ...).
  const assigned = [...versionMk.matchAll(/^VERSION_NUMBER\s*:?=\s*(.*?)\s*$/gm)].at(-1)?.[1];
  const [, fallback] =
    /^\$\(if \$\(VERSION_NUMBER\),\$\(VERSION_NUMBER\),([^$()\s]+)\)$/.exec(assigned ?? '') ?? [];
  const plain = assigned !== undefined && /^[^$()\s]+$/.test(assigned) ? assigned : undefined;
  const [, epoch] = /^SOURCE_DATE_EPOCH\s*:?=\s*(\d{1,10})\s*$/m.exec(versionMk) ?? [];
  return {
    version: configured ?? fallback ?? plain,
    sourceDateEpochSec: epoch === undefined ? undefined : Number(epoch),
  };
}
