import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const IMAGE = 'localhost/mape-image-test:tools';
/** What the sample ImageBuilder and the engine run, all of it dynamic programs with few libraries. */
const PROGRAMS =
  'awk basename bash bzip2 cat chmod cp cut date dd dirname env false find flock grep gzip head id install ln ls make ' +
  'mkdir mksquashfs mktemp mv node od printf pwd readlink realpath rm sed seq sh sha256sum sleep sort stat tail tar tee ' +
  'touch tr true truncate uname uniq wc which xargs xz zstd';

const podman = (...args: string[]) => spawnSync('podman', args, { encoding: 'utf8' });

/** Why a real podman cannot be tested here; undefined: it can. */
export function whyNoPodman(): string | undefined {
  if (whereIs('podman') === undefined) return 'not installed';
  const { status, stderr } = podman('info');
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? 'podman info failed');
}

/** An image of programs of this machine, its libraries beside them: nothing is downloaded. */
export function importHostImage(dir: string): string {
  const root = join(dir, 'root');
  for (const folder of ['usr/bin', 'usr/lib', 'usr/lib64', 'tmp', 'builder'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  for (const name of PROGRAMS.split(' ')) {
    const path = whereIs(name);
    if (path === undefined) continue;
    cpSync(realpathSync(path), join(root, 'usr/bin', name));
    for (const library of librariesOf(path)) {
      const target = join(root, library.replace(/^\/(?=lib)/, '/usr/'));
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      cpSync(realpathSync(library), target);
    }
  }
  execFileSync('chmod', ['1777', join(root, 'tmp')]);
  execFileSync('tar', ['-C', root, '-cf', join(dir, 'image.tar'), '.']);
  execFileSync('podman', ['import', '--quiet', join(dir, 'image.tar'), IMAGE], { stdio: 'ignore' });
  return IMAGE;
}

export function removeHostImage(): void {
  podman('rmi', '--force', IMAGE);
}

/** Names of this program's containers. */
export const listContainers = (): readonly string[] =>
  podman('ps', '--all', '--filter', 'name=^mape-image-', '--format', '{{.Names}}')
    .stdout.split('\n')
    .filter((name) => name !== '');

function librariesOf(path: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = '']) => library);
}

function whereIs(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
