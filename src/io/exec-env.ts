/** A path that passes through make and sh unchanged whatever its place in a recipe. */
const SAFE_PATH = /^\/[A-Za-z0-9_./+-]+$/;

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a download inside the child needs to get out of a closed network; wget and apk read the lower-case names. */
const PROXY = ['http_proxy', 'https_proxy', 'no_proxy'] as const;

export interface ExecEnvOptions {
  /** Seconds since 1970; absent: the variable is not passed. */
  readonly sourceDateEpochSec?: number | undefined;
  /** Absolute folders above which git must not look for a work tree. */
  readonly gitCeilingDirs?: readonly string[];
}

/** Whether a path is absolute and made of characters alone that neither make nor sh reads as more than a path. */
export function isSafePath(path: string): boolean {
  return SAFE_PATH.test(path);
}

/**
 * The whole environment of a child: a list of what may pass, so that no variable of the user's changes a build.
 *
 * `MAKEFLAGS`, `MAKEOVERRIDES`, `PACKAGES`, `FILES`, `PROFILE`, `CDPATH`, `IPKG_*` and all else stay out: make takes
 * PROFILE and FILES from the environment, and MAKEFLAGS from a `make` around us.
 */
export function execEnv(
  parent: Readonly<Record<string, string | undefined>>,
  options: ExecEnvOptions = {},
): Record<string, string> {
  const env: Record<string, string> = {
    PATH: parent.PATH === undefined || parent.PATH === '' ? DEFAULT_PATH : parent.PATH,
    LC_ALL: 'C',
    TZ: 'UTC',
  };
  if (parent.HOME !== undefined) env.HOME = parent.HOME;
  if (parent.TMPDIR !== undefined && isSafePath(parent.TMPDIR)) env.TMPDIR = parent.TMPDIR;
  for (const name of PROXY) {
    const value = parent[name] ?? parent[name.toUpperCase()];
    if (value !== undefined && value !== '') env[name] = value;
  }
  if (options.gitCeilingDirs !== undefined) env.GIT_CEILING_DIRECTORIES = options.gitCeilingDirs.join(':');
  if (options.sourceDateEpochSec !== undefined) env.SOURCE_DATE_EPOCH = String(options.sourceDateEpochSec);
  return env;
}
