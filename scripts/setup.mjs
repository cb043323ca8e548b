// Make this checkout ready: npm packages, and the system packages that the demo and the tests need.
// Runs before anything is installed: Node.js alone, no dependency.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const say = (text) => process.stderr.write(`${text}\n`);

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

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  say(`mape-image needs Node.js 20 or newer; this is ${process.versions.node}.`);
  process.exit(6);
}

function installNpmPackages() {
  const stamp = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing npm packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund'], 'npm could not install the packages; its words are above.');
}

function installTools(tools) {
  const missing = () => Object.keys(tools).filter((tool) => !isOnPath(tool));
  const packages = [...new Set(missing().map((tool) => tools[tool]))].sort();
  if (packages.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const sudo =
    process.getuid() === 0 ? [] : spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
  if (!isOnPath('apt-get') || sudo === undefined) {
    say(
      `these programs are missing: ${missing().join(', ')}. Install them and try again:\n\n  sudo ${line}\n`,
    );
    process.exit(6);
  }
  say(`installing system packages: ${packages.join(' ')}`);
  const [program, ...first] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  // The lists of a fresh machine are empty or old; an update that fails in part may still be enough.
  spawnSync(program, [...first, 'update', '-qq'], { stdio: ['ignore', 2, 2] });
  run(
    program,
    [...first, ...line.split(' ').slice(1), '-qq'],
    `apt-get failed. Try it by hand:\n\n  sudo ${line}\n`,
  );
  if (missing().length > 0) {
    say(`still missing after the installation: ${missing().join(', ')}`);
    process.exit(6);
  }
}

function run(program, programArgs, onFailure) {
  const { status } = spawnSync(program, programArgs, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(onFailure);
  process.exit(6);
}

/** nft and ip may stand in sbin, which the PATH of an ordinary user leaves out. */
function isOnPath(tool) {
  if (tool.startsWith('/')) return existsSync(tool);
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
