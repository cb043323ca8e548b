import { spawnSync } from 'node:child_process';
import { accessSync, constants, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type CpioEntry, packCpio } from './cpio.ts';
import { type KernelModule, readModules } from './modules.ts';

const GUEST = join(import.meta.dirname, '../guest');
const UCI = join(import.meta.dirname, '../../overlay/stand-in');
/** Programs of this host that the machine gets, with the libraries they are linked to. */
export const MACHINE_PROGRAMS: Readonly<Record<string, string>> = {
  busybox: '/bin/busybox',
  node: '/bin/node',
  perl: '/usr/bin/perl',
  ip: '/usr/sbin/ip',
  nft: '/usr/sbin/nft',
  conntrack: '/usr/sbin/conntrack',
  flock: '/usr/bin/flock',
};

export function findProgram(name: string): string | undefined {
  if (name === 'node') return process.execPath;
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The machine's first root: programs, modules of the kernel, everything in `guest/`. */
export function packImage(modulesFolder: string): Buffer {
  const image = makeImage();
  for (const [name, target] of Object.entries(MACHINE_PROGRAMS)) {
    const source = findProgram(name);
    if (source === undefined) throw new Error(`no ${name} on this host`);
    image.file(target, readFileSync(source), 0o755);
    for (const library of listLibraries(source)) image.file(library, readFileSync(library), 0o755);
  }
  addModules(image, readModules(modulesFolder));
  addFolder(image, GUEST, '/lab');
  image.file('/lab/uci-text.mjs', readFileSync(join(UCI, 'uci-text.mjs')), 0o644);
  image.file('/lab/root/usr/share/lab/uci.awk', readUci(), 0o644);
  image.file('/init', readFileSync(join(GUEST, 'init.sh')), 0o755);
  return packCpio(image.entries());
}

interface Image {
  file(path: string, bytes: Uint8Array, mode: number): void;
  entries(): readonly CpioEntry[];
}

/** Entries with their folders before them; what is there already stays. */
function makeImage(): Image {
  const entries = new Map<string, CpioEntry>();
  const addFolders = (path: string): void => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder === '' || entries.has(folder)) return;
    addFolders(folder);
    entries.set(folder, { path: folder, type: 'directory', mode: 0o755, bytes: new Uint8Array() });
  };
  return {
    file: (path, bytes, mode) => {
      if (entries.has(path)) return;
      addFolders(path);
      entries.set(path, { path, type: 'file', mode, bytes });
    },
    entries: () => [...entries.values()],
  };
}

/** The overlay tests' uci, all its parts as one program: where a function of awk stands does not matter. */
function readUci(): Buffer {
  const names = readdirSync(UCI, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^uci.*\.awk$/.test(name),
  );
  return Buffer.concat(names.sort().map((name) => readFileSync(join(UCI, name))));
}

function addModules(image: Image, modules: readonly KernelModule[]): void {
  for (const { name, bytes } of modules) image.file(`/modules/${name}.ko`, bytes, 0o644);
  image.file('/modules/order', Buffer.from(modules.map(({ name }) => `${name}\n`).join('')), 0o644);
}

function addFolder(image: Image, folder: string, target: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const { mode } = lstatSync(path);
    if (lstatSync(path).isFile()) image.file(`${target}/${name}`, readFileSync(path), mode & 0o777);
  }
}

/** Paths of the libraries a program loads; none for one that is linked statically. */
function listLibraries(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)].flatMap(([, path]) =>
    path === undefined ? [] : [path],
  );
}
