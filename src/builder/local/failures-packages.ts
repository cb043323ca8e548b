import { findNearest } from '../../bytes/nearest.ts';
import type { Explanation, FailedBuild } from './failures.ts';

/** PROFILE_UNKNOWN: make itself found no such profile. */
export function explainUnknownProfile({ stdout, profile, knownProfiles }: FailedBuild): Explanation {
  if (!/^Profile ".*" does not exist!$/m.test(stdout)) return undefined;
  return explainProfileName(profile, knownProfiles);
}

/** The sentence for a profile that an ImageBuilder does not have. */
export function explainProfileName(profile: string, known: readonly string[]): NonNullable<Explanation> {
  const near = findNearest(profile.replace(',', '_'), known);
  return {
    message: `wanted the profile ${profile}, found none of that name among the ${known.length} of the ImageBuilder`,
    hint:
      near.length > 0
        ? `the closest: ${near.join(', ')}`
        : 'see "mape-image profiles"; another device may need the ImageBuilder of another target',
    details: { profile, near, known: known.length },
  };
}

/** @see opkg libopkg/pkg_hash.c, opkg_install.c; apk-tools src/solver.c, src/commit.c */
export function explainUnknownPackage(build: FailedBuild, which: 'asked-for' | 'default'): Explanation {
  const asked = new Set(build.packages);
  const missing = findUnknownPackages(build).filter((name) => asked.has(name) === (which === 'asked-for'));
  if (missing.length === 0) return undefined;
  const near = nearOf(missing, build.knownPackages);
  const message = `wanted ${missing.join(', ')}, found no package of that name in the feeds`;
  if (which === 'default') {
    return {
      message,
      hint: 'packages of the device itself are missing: the feeds and the ImageBuilder are not of the same day; get the newest ImageBuilder',
      details: { packages: missing, near },
    };
  }
  return {
    message,
    hint:
      near.length > 0
        ? `the closest: ${near.join(', ')}`
        : 'look the name up in the package table of openwrt.org',
    details: { packages: missing, near },
  };
}

/**
 * FEED_UNREACHABLE: a feed or a package could not be downloaded and packages are missing for it. opkg then goes on to speak
 * of an architecture that does not fit, which is no cause.
 *
 * @see opkg libopkg/opkg_download.c; apk-tools src/database.c
 */
export function explainUnreachableFeed(build: FailedBuild): Explanation {
  const { stdout, stderr } = build;
  const urls = [
    ...[...stderr.matchAll(/Failed to download (?:the package list from )?(\S+?),? wget returned \d+/g)],
    ...[...stderr.matchAll(/^\*\*\* Failed to download the package list from (\S+)$/gm)],
    ...[
      ...`${stdout}\n${stderr}`.matchAll(
        /^(?:WARNING|ERROR): (?:updating(?: and opening)? |opening |fetching )?(\S+?): (?:.*(?:network|DNS|connect|temporary|timed out|remote server|TLS|No such file|I\/O).*)$/gim,
      ),
    ],
  ].map(([, url = '']) => url);
  const asRequested =
    /opkg_install_cmd: Cannot install package|unable to select packages|pkg_hash_check_unresolved/.test(
      stderr,
    );
  const atPackages = /\[[^\]]*\b(?:package_install|package_reload)\] Error/.test(stderr);
  if (urls.length === 0 || !(asRequested || atPackages)) return undefined;
  const feeds = [...new Set(urls)];
  const packages = findUnknownPackages(build);
  const near = nearOf(packages, build.knownPackages);
  const wgetCode = /wget returned (\d+)/.exec(stderr)?.[1];
  return {
    message: `wanted the packages from ${feeds[0]}, found that ${feeds.length} download(s) failed${wgetCode === undefined ? '' : ` (wget ${wgetCode})`}`,
    hint:
      near.length > 0
        ? `check the connection and try again; were the name mistyped, the closest would be ${near.join(', ')}`
        : 'check the connection and try again; without one, put the packages into the folder packages/ of the ImageBuilder',
    details: { feeds, packages, near, ...(wgetCode === undefined ? {} : { wgetCode: Number(wgetCode) }) },
  };
}

/** PACKAGE_CORRUPT: bytes that are not those the index promises, or a signature that does not fit. */
export function explainCorruptPackage({ stdout, stderr }: FailedBuild): Explanation {
  const text = `${stdout}\n${stderr}`;
  const [, name] =
    /Checksum or size mismatch for package (\S+?)\.?(?:\s|$)/.exec(text) ??
    /^ERROR: (?:\S*\/)?([^\s/]+?)(?:\.apk)?: (?:BAD (?:archive|signature)|UNTRUSTED signature|unexpected end of file|.*(?:file format|checksum|integrity|corrupt).*)/im.exec(
      text,
    ) ??
    /\bopkg_(?:verify\w*|download_pkg|install_pkg): .*?(?:[Cc]hecksum|[Ss]ignature|md5sum|sha256).*? ([a-z0-9][\w.+-]*)\.?$/m.exec(
      text,
    ) ??
    [];
  if (name !== undefined) return corruptPackage(name);
  return /^Signature check failed\.$/m.test(text) ? corruptPackage('index') : undefined;
}

/** A package that is not found although the tree has its file or its entry: the index passed over what it could not read. */
export function explainUnreadablePackage(build: FailedBuild): Explanation {
  const name = findUnknownPackages(build).find((missing) => build.knownPackages.includes(missing));
  return name === undefined ? undefined : corruptPackage(name);
}

function corruptPackage(name: string): NonNullable<Explanation> {
  return {
    message: `wanted the package ${name} as its feed lists it, found other bytes`,
    hint: 'remove the folder dl/ and the file from packages/ of the ImageBuilder and try again; if it stays, the feed is not to be trusted',
    details: { package: name },
  };
}

/** FILE_CLASH: two packages bring the same file. */
export function explainFileClash({ stdout, stderr }: FailedBuild): Explanation {
  const text = `${stdout}\n${stderr}`;
  const opkg =
    /check_data_file_clashes: Package (\S+) wants to install file (\S+)\s+But that file is already provided by package\s+\*\s+(\S+)/.exec(
      text,
    );
  const apk = /^ERROR: (\S+): trying to overwrite (\S+) owned by (\S+?)\.$/m.exec(text);
  const [, name, path, owner] = opkg ?? apk ?? [];
  if (name === undefined || path === undefined || owner === undefined) return undefined;
  const file = path.replace(/^.*\/root-[^/]+\//, '/');
  return {
    message: `wanted ${name} beside ${owner}, found that both bring the file ${file}`,
    hint: `leave one of the two out: --remove ${owner}, or do not add ${name}`,
    details: { package: name, owner, path: file },
  };
}

/** PACKAGE_CONFLICT: two packages exclude each other. */
export function explainConflict({ stderr }: FailedBuild): Explanation {
  const opkg =
    /check_conflicts_for: The following packages conflict with (\S+?):\s*\n(?: \* check_conflicts_for:)?\s*(\S+)/.exec(
      stderr,
    );
  const apk = /^ {2}(\S+):\n(?: {4}.*\n)*? {4}conflicts: ([^\s[]+)/m.exec(stderr);
  const [, name, other] = opkg ?? apk ?? [];
  if (name === undefined || other === undefined) return undefined;
  return {
    message: `wanted ${name} and ${other} together, found that they exclude each other`,
    hint: 'keep one of the two: name the other with --remove, or do not add it',
    details: { package: name, other },
  };
}

/** DEPENDENCY_UNSATISFIED: a package is there, what it needs is not. */
export function explainDependency({ stdout, stderr }: FailedBuild): Explanation {
  const text = `${stdout}\n${stderr}`;
  const listed = /Cannot satisfy the following dependencies for (\S+?):\s*\n((?:.*\*\s*\n?)+)/.exec(text);
  const single = /cannot find dependency (\S+) for (\S+)/.exec(text);
  const apk = /^ {2}(\S+) \(no such package\):\n {4}required by: (?!world\[)([^\s[]+)\[/m.exec(text);
  const owner = listed?.[1] ?? single?.[2] ?? apk?.[2];
  if (owner === undefined) return undefined;
  const missing =
    listed === null
      ? [single?.[1] ?? apk?.[1] ?? '']
      : [...(listed[2] ?? '').matchAll(/([A-Za-z0-9][\w.+-]*)(?: \([^)]*\))? \*/g)].map(
          ([, name = '']) => name,
        );
  return {
    message: `wanted ${owner}, found that what it needs is in no feed: ${missing.join(', ')}`,
    hint: `do not add ${owner}, or use an ImageBuilder of the same day as the feeds`,
    details: { package: owner, missing },
  };
}

/** opkg gave up on a package and its output says no more than that. */
export function explainRefusedPackage({ stderr }: FailedBuild): Explanation {
  const packages = [...stderr.matchAll(/opkg_install_cmd: Cannot install package (\S+?)\.$/gm)].map(
    ([, name = '']) => name,
  );
  if (packages.length === 0) return undefined;
  return {
    message: `wanted ${packages.join(', ')} installed, found that opkg could not`,
    hint: 'its file may be damaged: remove it from dl/ or packages/ of the ImageBuilder and try again',
    details: { packages },
  };
}

/** @see OpenWrt include/rootfs.mk (prepare_rootfs) */
export function explainFailedScript({ stdout, stderr }: FailedBuild): Explanation {
  const [, path, code] =
    /postinst script (\S+) has failed with exit code (\d+)/.exec(`${stdout}\n${stderr}`) ?? [];
  if (path === undefined) return undefined;
  const name = path.replace(/^.*\//, '').replace(/\.(?:postinst|post-install)$/, '');
  return {
    message: `wanted the set-up script of ${name} to succeed, found exit code ${code}`,
    hint: `do not add ${name}, or look at what its script asks of this machine`,
    details: { package: name, exitCode: Number(code) },
  };
}

/** Names that a feed or a package asked for was not found under; opkg also says so of a package that it found broken. */
function findUnknownPackages({ stdout, stderr }: FailedBuild): readonly string[] {
  const opkg = [...stdout.matchAll(/^Unknown package '([^'\n]+)'\.$/gm)];
  const apk = [...stderr.matchAll(/^ {2}(\S+) \(no such package\):$/gm)];
  return [...new Set([...opkg, ...apk].map(([, name = '']) => name))];
}

function nearOf(names: readonly string[], known: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => findNearest(name, known)))].filter(
    (name) => !names.includes(name),
  );
}
