// The laboratory: what its machine needs, then the tests of test/lab in it.
//   node scripts/lab.mjs            prepare, then run
//   node scripts/lab.mjs prepare    programs by apt, a kernel package unpacked in the cache; nothing is booted or installed of it
// Runs before anything is installed: Node.js alone, no dependency.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mape-image-lab');
const say = (text) => process.stderr.write(`${text}\n`);

/** Programs by the Debian package that brings them: QEMU, and what is copied into the machine. */
const TOOLS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox',
  perl: 'perl-base',
  ip: 'iproute2',
  nft: 'nftables',
  conntrack: 'conntrack',
  flock: 'util-linux',
  ldd: 'libc-bin',
};
/** Packages that depend on the newest kernel, of Debian and of Ubuntu. */
const KERNELS = ['linux-image-cloud-amd64', 'linux-image-amd64', 'linux-image-virtual'];

prepareTools();
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

function prepareTools() {
  const missing = () => Object.keys(TOOLS).filter((tool) => !isOnPath(tool));
  const packages = [...new Set(missing().map((tool) => TOOLS[tool]))].sort();
  if (packages.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const sudo = findSudo();
  if (!isOnPath('apt-get') || sudo === undefined)
    giveUp(
      `these programs are missing: ${missing().join(', ')}. Install them and try again:\n\n  sudo ${line}\n`,
    );
  say(`installing system packages: ${packages.join(' ')}`);
  runApt(sudo, ['update', '-qq']);
  runApt(sudo, [...line.split(' ').slice(1), '-qq']);
  if (missing().length > 0) giveUp(`still missing after the installation: ${missing().join(', ')}`);
}

/** Debian's kernel and modules, downloaded and unpacked, never installed: the host keeps its own. */
function prepareKernel() {
  const target = join(cache, 'kernel');
  if (existsSync(target)) return;
  let packages = listKernelPackages();
  if (packages.length === 0) {
    const sudo = findSudo();
    // the lists of a fresh machine are empty
    if (sudo !== undefined) runApt(sudo, ['update', '-qq']);
    packages = listKernelPackages();
  }
  if (packages.length === 0)
    giveUp(
      `none of ${KERNELS.join(', ')} is known here. Refresh the package lists and try again:\n\n  sudo apt-get update\n`,
    );
  say(`fetching a kernel for the laboratory: ${packages.join(' ')}`);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'part-'));
  const unpacked = join(folder, 'kernel');
  try {
    run('apt-get', ['download', '-qq', ...packages], folder);
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.deb')))
      run('dpkg-deb', ['-x', name, unpacked], folder);
    renameSync(unpacked, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

function findSudo() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

/** An update that fails in part may still be enough: what is missing is looked at afterwards. */
function runApt(sudo, args) {
  const [program, ...first] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  spawnSync(program, [...first, ...args], { stdio: ['ignore', 2, 2] });
}

function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) giveUp(`${program} ${args.join(' ')} failed; its words are above.`);
}

function giveUp(text) {
  say(text);
  process.exit(6);
}

/** Some of these stand in sbin, which the PATH of an ordinary user leaves out. */
function isOnPath(tool) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
