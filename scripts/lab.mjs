// The laboratory: what its machine needs, then the tests of test/lab in it.
//   node scripts/lab.mjs            prepare, then run
//   node scripts/lab.mjs prepare    programs by apt, a kernel package unpacked in the cache; nothing is booted or installed of it
// Runs before anything is installed: Node.js alone, no dependency.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { giveUp, installTools, refreshLists, run, say } from './apt.mjs';

const root = join(import.meta.dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mape-image-lab');

/** Programs by the Debian package that brings them: QEMU, what is copied into the machine, what unpacks its modules. */
const TOOLS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox',
  perl: 'perl-base',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  flock: 'util-linux',
  ldd: 'libc-bin',
  xz: 'xz-utils',
  zstd: 'zstd',
};
/** Packages that depend on the newest kernel, of Debian and of Ubuntu. */
const KERNELS = ['linux-image-cloud-amd64', 'linux-image-amd64', 'linux-image-virtual'];

installTools(TOOLS);
prepareKernel();
if (process.argv[2] !== 'prepare') {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  process.exit(
    spawnSync(process.execPath, [vitest, 'run', 'test/lab'], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, MAPE_LAB: '1' },
    }).status ?? 1,
  );
}

/** The distribution's kernel and modules, downloaded and unpacked, never installed: the host keeps its own. */
function prepareKernel() {
  const target = join(cache, 'kernel');
  if (existsSync(target)) return;
  let packages = listKernelPackages();
  if (packages.length === 0) {
    refreshLists();
    packages = listKernelPackages();
  }
  if (packages.length === 0)
    giveUp(
      `none of ${KERNELS.join(', ')} is known here. Refresh the package lists and try again:\n\n  sudo apt-get update\n`,
    );
  say(`fetching a kernel for the laboratory: ${packages.join(' ')}`);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'part-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const unpacked = join(folder, 'kernel');
  const step = (program, ...args) =>
    run(program, args, {
      cwd: folder,
      onFailure: `${program} ${args.join(' ')} failed; its words are above.`,
    });
  step('apt-get', 'download', '-qq', ...packages);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb')))
    step('dpkg-deb', '-x', name, unpacked);
  renameSync(unpacked, target);
}

/** The image and module packages behind the first name that is known, through what they depend on. */
function listKernelPackages() {
  const dependencies = (name) => {
    const { stdout } = spawnSync('apt-cache', ['depends', name], { encoding: 'utf8' });
    return [...(stdout ?? '').matchAll(/Depends: (linux-(?:image|modules)-[0-9][^\s<>]*)/g)].map(
      (match) => match[1],
    );
  };
  const found = new Set();
  const add = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const needed of dependencies(name)) add(needed);
  };
  const first = KERNELS.find((name) => dependencies(name).length > 0);
  if (first !== undefined) for (const name of dependencies(first)) add(name);
  return [...found];
}
