// System programs and how apt brings them. Runs before anything is installed: Node.js alone, no dependency.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const say = (text) => process.stderr.write(`${text}\n`);

/** End with the exit code of a machine that lacks something. */
export function giveUp(text) {
  say(text);
  process.exit(6);
}

/**
 * Install what is missing, or end with the line to type.
 *
 * @param tools Debian packages by the program each brings, or by the path of a file
 */
export function installTools(tools) {
  const missing = () => Object.keys(tools).filter((tool) => !isThere(tool));
  const packages = [...new Set(missing().map((tool) => tools[tool]))].sort();
  if (packages.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isThere('apt-get') || findSudo() === undefined)
    giveUp(
      `these programs are missing: ${missing().join(', ')}. Install them and try again:\n\n  sudo ${line}\n`,
    );
  say(`installing system packages: ${packages.join(' ')}`);
  refreshLists();
  if (runApt(line.split(' ').slice(1)) !== 0) giveUp(`apt-get failed. Try it by hand:\n\n  sudo ${line}\n`);
  if (missing().length > 0) giveUp(`still missing after the installation: ${missing().join(', ')}`);
}

/** The lists of a fresh machine are empty or old; an update that fails in part may still be enough. */
export function refreshLists() {
  if (findSudo() !== undefined) runApt(['update']);
}

/** Run a program, its output to standard error, or end with what to say. */
export function run(program, args, { cwd, onFailure }) {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) giveUp(onFailure);
}

function runApt(args) {
  const [program, ...first] = [...(findSudo() ?? []), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  return spawnSync(program, [...first, '-qq', ...args], { stdio: ['ignore', 2, 2] }).status;
}

/** What comes before a command that needs root; undefined where nothing helps without a password. */
function findSudo() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

/** nft and ip may stand in sbin, which the PATH of an ordinary user leaves out. */
function isThere(tool) {
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
