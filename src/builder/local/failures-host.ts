import type { Explanation, FailedBuild } from './failures.ts';

/** Debian's package for what the prerequisite check asks for, by the name it is checked under. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  awk: 'gawk',
  bash: 'bash',
  bzip2: 'bzip2',
  cp: 'coreutils',
  diff: 'diffutils',
  egrep: 'grep',
  file: 'file',
  find: 'findutils',
  getopt: 'util-linux',
  git: 'git',
  grep: 'grep',
  gzip: 'gzip',
  install: 'coreutils',
  perl: 'perl',
  'perl-data-dumper': 'perl',
  'perl-file-compare': 'perl',
  'perl-file-copy': 'perl',
  'perl-findbin': 'perl',
  'perl-ipc-cmd': 'perl',
  'perl-thread-queue': 'perl',
  patch: 'patch',
  python: 'python3',
  python3: 'python3',
  'python3-distutils': 'python3-distutils',
  'python3-stdlib': 'python3',
  realpath: 'coreutils',
  rsync: 'rsync',
  seq: 'coreutils',
  stat: 'coreutils',
  tar: 'tar',
  unzip: 'unzip',
  wget: 'wget',
  which: 'debianutils',
  'working-make': 'make',
  xargs: 'findutils',
};

/** BUILD_DISK_FULL: whatever else was printed follows from it. */
export function explainDiskFull({ stdout, stderr }: FailedBuild): Explanation {
  const text = `${stdout}\n${stderr}`;
  if (!/No space left on device|Disk quota exceeded|\[Errno 28\]|\[Errno 122\]|ENOSPC/.test(text))
    return undefined;
  const [, path] = /(?:writing|write|create) '([^'\n]+)': (?:No space|Disk quota)/.exec(text) ?? [];
  return {
    message: `wanted room to build in, found none left${path === undefined ? '' : ` at ${path}`}`,
    hint: 'free some space (a build needs some 500 MB), or give another folder with --cache-dir',
    details: path === undefined ? {} : { path },
  };
}

/** IMAGEBUILDER_PATH_UNSAFE: make cuts a path off at a blank and names what stands before it. */
export function explainTreePath({ stderr }: FailedBuild): Explanation {
  const [, path] = /^make(?:\[\d+\])?: \*\*\* (\S*): Is a directory\. {2}Stop\.$/m.exec(stderr) ?? [];
  if (path === undefined) return undefined;
  return {
    message: `wanted an ImageBuilder on a path without blanks, found one whose path make cuts off after ${path}`,
    hint: 'move the folder, to /var/tmp for instance, or give the archive it came from',
    details: { path, character: ' ' },
  };
}

/** UMASK_WRONG: something between this program and make set another. @see OpenWrt include/prereq-build.mk */
export function explainUmask({ stdout }: FailedBuild): Explanation {
  if (!stdout.includes('Please build with umask 022')) return undefined;
  return {
    message: 'wanted umask 022 for make, found another in the ImageBuilder',
    hint: 'look for a umask in the start-up files of your shell; BASH_ENV and ENV are not passed on',
    details: { wanted: '022' },
  };
}

/**
 * Tools that the ImageBuilder asks of this machine and did not find.
 *
 * @see OpenWrt include/prereq-build.mk
 */
export function explainPrerequisites({ stdout }: FailedBuild): Explanation {
  if (!/^Prerequisite check failed\./m.test(stdout)) return undefined;
  const tools = [...stdout.matchAll(/^Checking '([^'\n]+)'\.\.\. failed\.$/gm)].map(([, tool = '']) => tool);
  const reasons = [...stdout.matchAll(/^Build dependency: (.+)$/gm)].map(([, reason = '']) => reason.trim());
  const packages = [...new Set(tools.map((tool) => DEBIAN_PACKAGES[tool] ?? tool))].sort();
  if (tools.includes('case-sensitive-fs')) {
    return {
      message: 'wanted a file system that tells upper from lower case, found one that does not',
      hint: 'give a folder on a Linux file system with --cache-dir',
      details: { tools, reasons, packages: [] },
    };
  }
  return {
    message: `wanted the tools that the ImageBuilder needs, found ${tools.length} missing: ${tools.join(', ')}`,
    hint: `install them; on Debian and Ubuntu: sudo apt install ${packages.join(' ')}`,
    details: { tools, reasons, packages },
  };
}

/** TREE_BUSY: a build that did not take our lock works in the tree, such as a make typed by hand. */
export function explainBusyTree({ stderr }: FailedBuild): Explanation {
  if (!/Could not lock \S+opkg\.lock|[Uu]nable to lock (?:database|\S+)|Database is locked/.test(stderr))
    return undefined;
  return {
    message: 'wanted the ImageBuilder for this build alone, found another build under way in it',
    hint: 'wait until it has ended, or give the archive: that is unpacked to a tree of its own',
  };
}

/** OVERLAY_CLASH: a file of the overlay where the root file system has a folder, or the other way round. */
export function explainOverlayClash({ stderr }: FailedBuild): Explanation {
  if (!/\bprepare_rootfs\] Error/.test(stderr)) return undefined;
  const [, path] = /^cp: cannot (?:overwrite|create) .*?'([^'\n]+)'/m.exec(stderr) ?? [];
  if (path === undefined) return undefined;
  return {
    message: `wanted to lay the overlay over the root file system, found something of another kind at ${path}`,
    hint: 'a file cannot take the place of a folder, nor a folder that of a file: change that path in your own files',
    details: { path },
  };
}

/** TREE_BROKEN: make misses a file of the ImageBuilder itself. */
export function explainBrokenTree({ stderr, exitCode }: FailedBuild): Explanation {
  const pattern =
    /^(?:make(?:\[\d+\])?: \*\*\* )?(No rule to make target .+|\S+:\d+: \S+: No such file or directory|\S+\.mk: No such file or directory|.*\*\*\* missing separator.*)$/m;
  const [, reason] = pattern.exec(stderr) ?? [];
  if (exitCode === 0 || reason === undefined) return undefined;
  return {
    message: `wanted a whole ImageBuilder, found a part of it missing: ${reason}`,
    hint: 'remove the folder and unpack the archive again, or give the archive itself',
    details: { reason },
  };
}

/** BUILD_KILLED: make or one of its programs was ended by a signal. */
export function explainKilled({ exitCode, stderr }: FailedBuild): Explanation {
  const byName = /\b(Killed|Terminated)\b/.exec(stderr)?.[1];
  const signal =
    exitCode > 128 ? exitCode - 128 : byName === 'Killed' ? 9 : byName === 'Terminated' ? 15 : undefined;
  if (exitCode === 0 || signal === undefined) return undefined;
  return {
    message: `wanted make to end by itself, found it ended by signal ${signal}`,
    hint:
      signal === 9
        ? 'look for "Out of memory" in the log of the kernel (dmesg); a build needs some 500 MB'
        : 'run the command again',
    details: { signal },
  };
}
