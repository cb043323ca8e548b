#!/usr/bin/env node
/** Build with both flavours in a temporary folder and check what the sample promises. One line a check; exit 1 on a failure. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLayout } from './selftest-layout.mjs';
import { assembleTree } from './setup.mjs';

const PROFILE = 'tplink_archer-c6-v2';
const temp = mkdtempSync(join(tmpdir(), 'sample-imagebuilder-test-'));
let failures = 0;
let outs = 0;

function check(name, isTrue, detail = '') {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue || !detail ? '' : `: ${detail}`}`);
  if (!isTrue) failures++;
}

/** Run make in a tree with a fresh BIN_DIR; fd8 'pipe' opens descriptor 8. */
function make(tree, args, { fd8 = 'ignore', env = {}, umask = '022' } = {}) {
  const bin = join(temp, `out${outs++}`);
  const stdio = [
    'ignore',
    'pipe',
    'pipe',
    ...(fd8 === 'pipe' ? ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'] : []),
  ];
  const child = spawn('sh', ['-c', `umask ${umask}; exec make "$@"`, 'sh', ...args, `BIN_DIR=${bin}`], {
    cwd: tree,
    env: { PATH: process.env.PATH, ...env },
    stdio,
  });
  const text = ['', '', '', '', '', '', '', '', ''];
  for (const [fd, stream] of child.stdio.entries()) {
    stream?.on('data', (data) => {
      text[fd] += data;
    });
  }
  return new Promise((resolve) =>
    child.on('close', (rc) => {
      const overview = existsSync(join(bin, 'profiles.json'))
        ? JSON.parse(readFileSync(join(bin, 'profiles.json'), 'utf8'))
        : undefined;
      const image = (type) =>
        Object.values(overview?.profiles ?? {})[0]?.images.find((entry) => entry.type === type);
      resolve({
        rc,
        bin,
        out: text[1],
        err: text[2],
        fd8: text[8],
        overview,
        image,
        files: existsSync(bin) ? readdirSync(bin).sort() : [],
      });
    }),
  );
}

const image = (tree, args = [], options) => make(tree, ['image', `PROFILE=${PROFILE}`, ...args], options);

function writeOverlay() {
  const root = join(temp, 'overlay');
  mkdirSync(join(root, 'etc/uci-defaults'), { recursive: true });
  mkdirSync(join(root, 'lib/netifd/proto'), { recursive: true });
  writeFileSync(join(root, 'etc/uci-defaults/99-mape'), 'exit 0\n', { mode: 0o600 });
  writeFileSync(join(root, 'lib/netifd/proto/map.sh'), '#!/bin/sh\n# replaced\n', { mode: 0o755 });
  writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver ::1\n');
  chmodSync(root, 0o750);
  utimesSync(root, 1e9, 1e9);
  return root;
}

function list(tree) {
  return new Promise((resolve) => {
    let text = '';
    const child = spawn(
      'unsquashfs',
      ['-lln', join(tree, 'build_dir/target-mips_24kc_musl/linux-ath79_generic/root.squashfs')],
      { env: { ...process.env, TZ: 'UTC' } },
    );
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.on('close', () => resolve(text));
    child.on('error', () => resolve(''));
  });
}

const c6 = `PROFILE=${PROFILE}`;
/** Name, arguments, what opkg says, what apk says; all end with 2. */
const FAILURES = [
  ['unknown profile', ['PROFILE=nope'], '"nope" does not exist!\n', '_check_profile] Error 1\n'],
  [
    'missing package',
    [c6, 'PACKAGES=nope'],
    ' * opkg_install_cmd: Cannot install package nope.\n',
    '  nope (no such package):\n    required by: world[nope]\n',
  ],
  [
    'unsatisfied dependency',
    [c6, 'PACKAGES=sample-broken-dep'],
    'cannot find dependency sample-nonexistent for sample-broken-dep',
    'sample-broken-dep-1-r1[sample-nonexistent]',
  ],
  [
    'conflict',
    [c6, 'PACKAGES=sample-conflict-a sample-conflict-b'],
    'packages conflict with sample-conflict-b:',
    '    conflicts: sample-conflict-a-1-r1[',
  ],
  [
    'file clash',
    [c6, 'PACKAGES=sample-clash-a sample-clash-b'],
    ' Package sample-clash-b wants to install file',
    'trying to overwrite usr/share/sample-clash/owner owned by sample-clash-a-1-r1.',
  ],
];

async function testFlavour(flavour) {
  const tree = join(temp, flavour);
  assembleTree({ flavour, top: tree });
  const isApk = flavour === 'apk';
  const overlay = writeOverlay();

  const info = await make(tree, ['info']);
  check(
    `${flavour}: make info`,
    info.rc === 0 &&
      info.out.startsWith('Current Target: "ath79/generic"\n') &&
      info.out.includes(`\n${PROFILE}:\n    TP-Link Archer C6 v2 (EU/RU/JP)\n`),
  );
  const loose = await image(tree, [], { umask: '077' });
  check(
    `${flavour}: umask 077 is refused once`,
    loose.rc === 2 && loose.out.includes('Build dependency: Please build with umask 022'),
  );

  const good = await image(tree, [
    'PACKAGES=map -uboot-envtools',
    `FILES=${overlay}`,
    'DISABLED_SERVICES=odhcpd',
  ]);
  check(
    `${flavour}: image`,
    good.rc === 0 && good.files.length === 6,
    `rc ${good.rc}: ${good.err.slice(-300)}`,
  );
  check(
    `${flavour}: markers`,
    [
      'Building images for ath79 - TP-Link',
      'Packages: map ',
      '\nInstalling packages...\n',
      '\nFinalizing root',
      'Disabling odhcpd',
      'Enabling network',
      '100%',
      'Calculating checksums...',
    ].every((mark) => good.out.includes(mark)),
  );
  const manifest = readFileSync(
    join(
      good.bin,
      good.files.find((name) => name.endsWith('.manifest')),
    ),
    'utf8',
  );
  check(
    `${flavour}: manifest`,
    /^map - 7$/m.test(manifest) &&
      !manifest.includes('uboot-envtools') &&
      /^ath10k-board-qca9888 - /m.test(manifest) &&
      /^libubox20\d{6} - /m.test(manifest),
  );
  for (const [name, isTrue] of checkLayout(isApk, good)) check(`${flavour}: ${name}`, isTrue);
  const listing = await list(tree);
  check(
    `${flavour}: overlay in the squashfs`,
    /^-rw------- 0\/0 .* squashfs-root\/etc\/uci-defaults\/99-mape$/m.test(listing) &&
      /^-rwxr-xr-x 0\/0 +21 .*map\.sh$/m.test(listing) &&
      /^-rw-r--r-- .*etc\/resolv\.conf$/m.test(listing),
  );
  check(
    `${flavour}: mode and old date of FILES itself`,
    /^drwxr-x--- 0\/0 .* 2001-09-09 01:46 squashfs-root$/m.test(listing),
  );
  check(
    `${flavour}: enabled and disabled services`,
    listing.includes('etc/rc.d/S20network -> ../init.d/network') && !/rc\.d\/S..odhcpd/.test(listing),
  );

  const twin = join(temp, 'deep', `${flavour}-twin`);
  assembleTree({ flavour, top: twin });
  const again = await image(
    twin,
    ['PACKAGES=map -uboot-envtools', `FILES=${overlay}`, 'DISABLED_SERVICES=odhcpd'],
    { env: { TZ: 'Asia/Tokyo', LANG: 'ja_JP.UTF-8', SOURCE_DATE_EPOCH: '5' } },
  );
  const same = (type, key) => good.image(type)?.[key] === again.image(type)?.[key];
  check(
    `${flavour}: another tree gives the same bytes`,
    same('sysupgrade', 'sha256_unsigned') &&
      same('factory', 'sha256') &&
      same('sysupgrade', 'sha256') === isApk,
  );

  for (const [name, args, opkgMark, apkMark] of FAILURES) {
    const run = await make(tree, ['image', ...args]);
    const isSeen = (run.out + run.err).includes(isApk ? apkMark : opkgMark);
    check(`${flavour}: ${name}`, run.rc === 2 && isSeen, `rc ${run.rc}: ${run.err.slice(-400)}`);
  }

  const closed = await make(tree, ['image', 'PROFILE=sample_small-flash']);
  check(
    `${flavour}: too big, descriptor 8 closed`,
    closed.rc === 0 &&
      !closed.overview &&
      closed.err.includes('8: Bad file descriptor') &&
      closed.out.includes('could not find any JSON files for target'),
  );
  const open = await make(tree, ['image', 'PROFILE=sample_small-flash'], { fd8: 'pipe' });
  check(
    `${flavour}: too big, descriptor 8 open`,
    open.rc === 0 &&
      /^ {4}WARNING: Image file .* is too big: \d+ > 4194304\n$/.test(open.fd8) &&
      !open.err.includes('Bad file descriptor'),
  );

  // The second of two builds meets the lock; the first goes on.
  const first = image(tree);
  await new Promise((resolve) => setTimeout(resolve, 900));
  const second = await image(tree);
  check(
    `${flavour}: two builds at once`,
    second.rc === 2 &&
      /[Ll]ock .*: Resource temporarily unavailable/.test(second.err) &&
      (await first).rc === 0,
  );

  const canary = join(temp, `canary-${flavour}`);
  await make(tree, ['image', `PROFILE=$(shell touch ${canary})x`]);
  check(`${flavour}: user values are expanded by make`, existsSync(canary));
}

async function testTooBigSafeloader() {
  const tree = join(temp, 'opkg');
  const big = join(temp, 'big');
  mkdirSync(big);
  copyFileSync(
    join(tree, 'build_dir/target-mips_24kc_musl/linux-ath79_generic', `${PROFILE}-kernel.bin`),
    join(big, 'a'),
  );
  writeFileSync(join(big, 'b'), createHash('shake256', { outputLength: 3e6 }).update('b').digest());
  const run = await image(tree, [`FILES=${big}`]);
  check(
    'opkg: too big for the safeloader',
    run.rc === 0 &&
      !run.overview &&
      run.err.includes('file-system partition too big (more than 5218313 bytes): Success\n') &&
      run.files.every((name) => !name.endsWith('.bin')),
  );
}

try {
  await testFlavour('opkg');
  await testTooBigSafeloader();
  await testFlavour('apk');
} finally {
  rmSync(temp, { recursive: true, force: true });
}
console.log(failures === 0 ? 'all checks passed' : `${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
