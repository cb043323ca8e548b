// Make this checkout ready: npm packages, and the system packages that the demo and the tests need. In CI also the machine
// of the laboratory.
// Runs before anything is installed: Node.js alone, no dependency.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, installTools, run, say } from './apt.mjs';

const root = join(import.meta.dirname, '..');

/** Programs, and files by their path, by the Debian package that brings them. */
const DEMO_TOOLS = {
  make: 'make',
  mksquashfs: 'squashfs-tools',
  zstd: 'zstd',
  xz: 'xz-utils',
  flock: 'util-linux',
};
const TEST_TOOLS = {
  ...DEMO_TOOLS,
  unsquashfs: 'squashfs-tools',
  sqfstar: 'squashfs-tools',
  'mkfs.ext4': 'e2fsprogs',
  patch: 'patch',
  perl: 'perl-base',
  nft: 'nftables',
  busybox: 'busybox',
  'signify-openbsd': 'signify-openbsd',
  shellcheck: 'shellcheck',
  ip: 'iproute2',
  git: 'git',
  '/usr/share/zoneinfo/Asia/Tokyo': 'tzdata',
};

const args = new Set(process.argv.slice(2));
checkNode();
installNpmPackages();
if (!args.has('--only-node')) installTools(args.has('--demo') ? DEMO_TOOLS : TEST_TOOLS);
if (args.size === 0 && process.env.CI !== undefined)
  run(process.execPath, [join(import.meta.dirname, 'lab.mjs'), 'prepare'], {
    onFailure: 'the laboratory could not be prepared; why is said above.',
  });

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) giveUp(`mape-image needs Node.js 20 or newer; this is ${process.versions.node}.`);
}

function installNpmPackages() {
  const stamp = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing npm packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    onFailure: 'npm could not install the packages; its words are above.',
  });
}
