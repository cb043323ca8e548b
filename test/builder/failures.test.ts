import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BuilderErrorCode } from '../../src/builder/errors.ts';
import { classifyFailure, type FailedBuild } from '../../src/builder/local/failures.ts';
import { fixturePath, readFixture } from '../support/fixtures.ts';

const C6 = 'tplink_archer-c6-v2';
const NO_SIZES = { kernelBytes: undefined, rootfsBytes: undefined };

function failed(change: Partial<FailedBuild>): FailedBuild {
  return {
    exitCode: 2,
    stdout: '',
    stderr: '',
    fd8: '',
    sizes: NO_SIZES,
    profile: C6,
    packages: ['map'],
    knownProfiles: [C6, 'tplink_archer-c7-v2'],
    knownPackages: ['luci', 'map', 'mtd', 'nftables-json'],
    ...change,
  };
}

/** A run that was recorded on a real tree, with the packages it was given. */
function recorded(name: string, change: Partial<FailedBuild> = {}): FailedBuild {
  const read = (part: string) => readFixture(`builder/errors/${name}/${part}`);
  return failed({ exitCode: Number(read('rc')), stdout: read('stdout'), stderr: read('stderr'), ...change });
}

function log(name: string, exitCode: number, change: Partial<FailedBuild> = {}): FailedBuild {
  const read = (stream: string) => {
    const path = `builder/logs/23.05.2-${name}.${stream}`;
    return existsSync(fixturePath(path)) ? readFixture(path) : '';
  };
  return failed({ exitCode, stdout: read('stdout'), stderr: read('stderr'), ...change });
}

/** Kernel of the tree the runs were recorded in: 0x7a9400 - 0x30000 - 5506968, the limit tplink-safeloader names. */
const KERNEL_BYTES = 2_329_704;

describe('recorded failures of opkg trees', () => {
  it.each<[string, FailedBuild, BuilderErrorCode, object]>([
    [
      '01-unknown-profile',
      recorded('opkg-23.05.2/01-unknown-profile', { profile: 'tplink_archer-c66-v9' }),
      'PROFILE_UNKNOWN',
      { profile: 'tplink_archer-c66-v9', near: [C6, 'tplink_archer-c7-v2'] },
    ],
    [
      '02-missing-package',
      recorded('opkg-23.05.2/02-missing-package', { packages: ['map', 'no-such-package'] }),
      'PACKAGE_UNKNOWN',
      { packages: ['no-such-package'], near: [] },
    ],
    [
      '02c, with an old image in the folder',
      recorded('opkg-23.05.2/02c-missing-package-stale-output', { packages: ['map', 'nope'] }),
      'PACKAGE_UNKNOWN',
      { packages: ['nope'] },
    ],
    [
      '04-too-big-8M',
      recorded('opkg-23.05.2/04-too-big-8M', {
        sizes: { kernelBytes: KERNEL_BYTES, rootfsBytes: undefined },
      }),
      'IMAGE_TOO_BIG',
      {
        image: 'sysupgrade',
        images: ['sysupgrade', 'factory'],
        limitBytes: 7_798_784,
        sizeBytes: KERNEL_BYTES + 11_910_564,
        overBytes: 6_441_484,
      },
    ],
    [
      '04b, with an old image in the folder',
      recorded('opkg-23.05.2/04b-too-big-with-stale-output'),
      'IMAGE_TOO_BIG',
      { image: 'sysupgrade', sizeBytes: 20_299_172 },
    ],
    [
      '04c, smaller than the number the tool names',
      recorded('opkg-23.05.2/04c-between-factory-and-sysupgrade-limit', {
        sizes: { kernelBytes: KERNEL_BYTES, rootfsBytes: 5_489_968 },
      }),
      'IMAGE_TOO_BIG',
      { image: 'sysupgrade', limitBytes: 7_798_784, sizeBytes: 7_819_672, overBytes: 20_888 },
    ],
    [
      '11, a package of the device itself',
      recorded('opkg-23.05.2/11-no-profile'),
      'PACKAGE_UNAVAILABLE',
      { packages: ['kmod-usb-chipidea2'] },
    ],
    [
      '12c-tree-with-space',
      recorded('opkg-23.05.2/12c-tree-with-space'),
      'IMAGEBUILDER_PATH_UNSAFE',
      { path: '/build/imagebuilder' },
    ],
    ['12-files-with-space', recorded('opkg-23.05.2/12-files-with-space'), 'BUILD_FAILED', { exitCode: 2 }],
    ['15-concurrent', recorded('opkg-23.05.2/15-concurrent-off1-b'), 'TREE_BUSY', {}],
    [
      '16b, no network, with the misleading words about libc',
      recorded('opkg-23.05.2/16b-remote-repos-offline-empty-packages'),
      'FEED_UNREACHABLE',
      { wgetCode: 4, packages: ['libc'] },
    ],
    [
      '28d-http-connection-refused',
      recorded('opkg-23.05.2/28d-http-connection-refused'),
      'FEED_UNREACHABLE',
      { feeds: ['http://127.0.0.1:18099/Packages.gz'] },
    ],
    ['19-enospc-bindir', recorded('opkg-23.05.2/19-enospc-bindir'), 'BUILD_DISK_FULL', {}],
    [
      '20-signal-TERM',
      recorded('opkg-23.05.2/20-signal-TERM-at-Creating_4.0'),
      'BUILD_KILLED',
      { signal: 15 },
    ],
    ['23-umask077-fresh', recorded('opkg-23.05.2/23-umask077-fresh'), 'UMASK_WRONG', { wanted: '022' }],
    [
      'badprofile',
      log('badprofile', 2, { profile: 'nonexistent' }),
      'PROFILE_UNKNOWN',
      { profile: 'nonexistent', near: [] },
    ],
    [
      'missingpkg, while no feed can be read',
      log('missingpkg', 2, { packages: ['map', 'nosuchpkg'] }),
      'FEED_UNREACHABLE',
      { packages: ['map', 'nosuchpkg'] },
    ],
    [
      'toobig',
      log('toobig', 0, { sizes: { kernelBytes: 1_599_289, rootfsBytes: undefined } }),
      'IMAGE_TOO_BIG',
      { limitBytes: 7_798_784 },
    ],
    [
      'checksize, descriptor 8 heard',
      log('checksize-with-8-to-2', 0),
      'IMAGE_TOO_BIG',
      { image: 'sysupgrade', sizeBytes: 1_703_940, limitBytes: 1_638_400, overBytes: 65_540 },
    ],
  ])('%s', (_, build, code, details) => {
    const error = classifyFailure(build, '/logs/build.log');
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject(details);
    expect(error.logPath).toBe('/logs/build.log');
    expect(error.lines.length).toBeGreaterThan(0);
    expect(error.hint).toBeTruthy();
  });
});

describe('recorded failures of apk trees', () => {
  it.each<[string, FailedBuild, BuilderErrorCode, object]>([
    [
      '03-unknown-profile',
      recorded('apk/03-unknown-profile', { profile: 'nope' }),
      'PROFILE_UNKNOWN',
      { profile: 'nope' },
    ],
    [
      '04-missing-package',
      recorded('apk/04-missing-package', { packages: ['map', 'no-such-package'] }),
      'PACKAGE_UNKNOWN',
      { packages: ['no-such-package'] },
    ],
    [
      '06-too-big',
      recorded('apk/06-too-big', { sizes: { kernelBytes: KERNEL_BYTES, rootfsBytes: 11_894_865 } }),
      'IMAGE_TOO_BIG',
      { image: 'sysupgrade', sizeBytes: KERNEL_BYTES + 11_894_865, limitBytes: 7_798_784 },
    ],
  ])('%s', (_, build, code, details) => {
    const error = classifyFailure(build);
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject(details);
  });
});

const OPKG = 'Collected errors:\n';
const APK = 'ERROR: unable to select packages:\n';

describe('failures by their documented words', () => {
  it.each<[string, Partial<FailedBuild>, BuilderErrorCode, object]>([
    [
      'opkg: files of two packages',
      {
        stderr: `${OPKG} * check_data_file_clashes: Package a wants to install file /x/build_dir/target-m/root-ath79/etc/f\n\tBut that file is already provided by package  * b\n * opkg_install_cmd: Cannot install package a.\n`,
      },
      'FILE_CLASH',
      { package: 'a', owner: 'b', path: '/etc/f' },
    ],
    [
      'opkg: a conflict',
      {
        stderr: `${OPKG} * check_conflicts_for: The following packages conflict with a:\n * check_conflicts_for: \tb * \n * opkg_install_cmd: Cannot install package a.\n`,
      },
      'PACKAGE_CONFLICT',
      { package: 'a', other: 'b' },
    ],
    [
      'opkg: dependencies',
      {
        stderr: `${OPKG} * satisfy_dependencies_for: Cannot satisfy the following dependencies for a:\n * \tb * \tc (>= 1) * \n * opkg_install_cmd: Cannot install package a.\n`,
      },
      'DEPENDENCY_UNSATISFIED',
      { package: 'a', missing: ['b', 'c'] },
    ],
    [
      'opkg: a package that was changed',
      {
        stderr: `${OPKG} * opkg_install_pkg: Checksum or size mismatch for package map. Either the opkg or the package index are corrupt. Try 'opkg update'.\n * opkg_install_cmd: Cannot install package map.\n`,
      },
      'PACKAGE_CORRUPT',
      { package: 'map' },
    ],
    [
      'opkg: no more than that',
      { stderr: `${OPKG} * opkg_install_cmd: Cannot install package map.\n` },
      'PACKAGE_INSTALL_FAILED',
      { packages: ['map'] },
    ],
    [
      'apk: files of two packages',
      { stderr: 'ERROR: a-1-r1: trying to overwrite etc/f owned by b-2-r1.\n' },
      'FILE_CLASH',
      { package: 'a-1-r1', owner: 'b-2-r1', path: 'etc/f' },
    ],
    [
      'apk: a conflict',
      {
        stderr: `${APK}  a-1-r1:\n    conflicts: b-1-r1[x=1]\n    satisfies: world[a]\n  b-1-r1:\n    conflicts: a-1-r1[x=1]\n    satisfies: world[b]\n`,
      },
      'PACKAGE_CONFLICT',
      { package: 'a-1-r1', other: 'b-1-r1' },
    ],
    [
      'apk: dependencies',
      { stderr: `${APK}  lib (no such package):\n    required by: a-1-r1[lib]\n` },
      'DEPENDENCY_UNSATISFIED',
      { package: 'a-1-r1', missing: ['lib'] },
    ],
    [
      'apk: a typing mistake',
      {
        packages: ['nftable-json'],
        stderr: `${APK}  nftable-json (no such package):\n    required by: world[nftable-json]\n`,
      },
      'PACKAGE_UNKNOWN',
      { near: ['nftables-json'] },
    ],
    [
      'apk: a feed that cannot be reached',
      {
        packages: ['luci'],
        stderr: `WARNING: updating and opening https://downloads.openwrt.org/a/packages.adb: network error (check Internet connection and firewall)\n${APK}  luci (no such package):\n    required by: world[luci]\n`,
      },
      'FEED_UNREACHABLE',
      { feeds: ['https://downloads.openwrt.org/a/packages.adb'], packages: ['luci'] },
    ],
    [
      'apk: a package that was changed',
      { stderr: 'ERROR: map-7: BAD archive\n' },
      'PACKAGE_CORRUPT',
      { package: 'map-7' },
    ],
    [
      'a script that failed',
      { stdout: 'postinst script ./usr/lib/opkg/info/a.postinst has failed with exit code 3\n' },
      'PACKAGE_SCRIPT_FAILED',
      { package: 'a', exitCode: 3 },
    ],
    [
      'a file over a folder',
      {
        stderr:
          "cp: cannot overwrite directory '/x/root-ath79/etc/config' with non-directory\nmake[2]: *** [Makefile:196: prepare_rootfs] Error 1\n",
      },
      'OVERLAY_CLASH',
      { path: '/x/root-ath79/etc/config' },
    ],
    [
      'tools that are missing',
      {
        stdout:
          "Checking 'perl'... ok.\nChecking 'unzip'... failed.\nChecking 'awk'... failed.\n\nBuild dependency: Please install 'unzip'\nBuild dependency: Please install GNU 'awk'\n\nPrerequisite check failed. Use FORCE=1 to override.\n",
      },
      'PREREQUISITE_MISSING',
      { tools: ['unzip', 'awk'], packages: ['gawk', 'unzip'] },
    ],
    [
      'a tree without a part',
      {
        stderr:
          "Makefile:10: include/target.mk: No such file or directory\nmake: *** No rule to make target 'include/target.mk'.  Stop.\n",
      },
      'TREE_BROKEN',
      {},
    ],
    [
      'out of memory',
      {
        stderr:
          '/bin/bash: line 1: 77 Killed   mksquashfs\nmake[1]: *** [Makefile:1: build_image] Error 137\n',
      },
      'BUILD_KILLED',
      { signal: 9 },
    ],
    [
      'a device that the release does not build',
      { exitCode: 0, stdout: 'JSON info file script could not find any JSON files for target\n' },
      'IMAGE_NOT_BUILT',
      { profile: C6, givenUp: false },
    ],
    ['anything else', { stderr: 'something odd\n', exitCode: 7 }, 'BUILD_FAILED', { exitCode: 7 }],
    [
      'a feed that failed, but the image that did not fit',
      {
        exitCode: 0,
        stderr: '*** Failed to download the package list from http://x/Packages.gz\n',
        fd8: '    WARNING: Image file /t/openwrt-a-squashfs-sysupgrade.bin is too big: 12 > 10\n',
      },
      'IMAGE_TOO_BIG',
      { overBytes: 2 },
    ],
  ])('%s', (_, change, code, details) => {
    const error = classifyFailure(failed(change));
    expect(error.code).toBe(code);
    expect(error.details).toMatchObject(details);
  });
});

describe('any output', () => {
  it('is classified in bounded time', () => {
    const words = fc.constantFrom(
      'ERROR: ',
      ' * ',
      '\n',
      'Cannot satisfy the following dependencies for a:',
      'conflicts: ',
      '  a:',
      '    ',
      '\t',
      'a * ',
      '(no such package):',
      'too big',
      'WARNING: Image file ',
      ' > 3',
      '\u001b[2J',
    );
    const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 200 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, text, fc.nat(255), (stdout, stderr, fd8, exitCode) => {
        const error = classifyFailure(failed({ stdout, stderr, fd8, exitCode }));
        expect(error.lines.join('')).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it.each([
    ['stars and blanks', 'Cannot satisfy the following dependencies for a:\n'.concat(' * \t'.repeat(50_000))],
    ['blocks of apk', `  a:\n${'    x\n'.repeat(50_000)}`.repeat(2)],
    ['one long line', `ERROR: ${'a'.repeat(1_000_000)}`],
  ])('%s', (_, stderr) => {
    const startedMs = performance.now();
    classifyFailure(failed({ stderr, stdout: stderr }));
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
