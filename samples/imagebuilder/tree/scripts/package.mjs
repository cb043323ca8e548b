/**
 * Packages of the sample: gzip of JSON {control, files}, whatever the ending says; gzip's own check finds a damaged one.
 *
 * control: {name, version, arch, depends[], provides[], conflicts[]}; files: see content.mjs of the sample.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fillerBytes } from './filler.mjs';

export const encodePackage = (pkg) => gzipSync(JSON.stringify(pkg), { level: 9 });

export const packageFileName = ({ name, version, arch }, manager) =>
  manager === 'apk' ? `${name}-${version}.apk` : `${name}_${version}_${arch}.ipk`;

/** Read one package file; the control data get `file`. @throws Error for a damaged file. */
export function readPackage(path) {
  const { control, files } = JSON.parse(gunzipSync(readFileSync(path)).toString());
  return { ...control, files, file: path };
}

/** Packages of a folder in the order of their names, and the paths of those that cannot be read. */
export function readFolder(folder, ending) {
  const packages = [];
  const damaged = [];
  const names = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending))
        .sort()
    : [];
  for (const name of names) {
    try {
      packages.push(readPackage(join(folder, name)));
    } catch {
      damaged.push(join(folder, name));
    }
  }
  return { packages, damaged };
}

/** The package called `name`, else one that provides it; an installed one is preferred. */
export function findProvider(packages, name, installed = new Map()) {
  const exact = packages.find((pkg) => pkg.name === name);
  if (exact) return exact;
  const providers = packages.filter((pkg) => pkg.provides.includes(name));
  return providers.find((pkg) => installed.has(pkg.name)) ?? providers[0];
}

/** The provided name that an ABI suffix, a number, turns into the package's own. */
export const withoutAbi = ({ name, provides }) =>
  provides.find((plain) => name.startsWith(plain) && /^-?\d[\d.-]*$/.test(name.slice(plain.length))) ?? name;

/** Bytes of the installed files. */
export const sizeOf = (pkg) =>
  pkg.files.reduce(
    (sum, { text = '', filler }) =>
      sum + text.length + (filler ? filler.kib * (filler.hex ? 1024 : 3072) : 0),
    0,
  );

/** Write the package's files below `root`. */
export function unpack(root, pkg) {
  for (const { path, mode, text, link, filler } of pkg.files) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (link !== undefined) {
      if (!isPresent(target)) symlinkSync(link, target);
    } else if (text === undefined && !filler) {
      mkdirSync(target, { recursive: true });
      chmodSync(target, mode);
    } else {
      writeFileSync(target, filler ? fillerBytes(filler) : text);
      chmodSync(target, mode);
    }
  }
}

const isPresent = (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** What a package has that no second package may bring: its files, not its folders. */
export const ownedPaths = (pkg) =>
  pkg.files
    .filter(({ text, link, filler }) => text !== undefined || link !== undefined || filler)
    .map(({ path }) => path);

/**
 * Take the tree's lock for this build until its outermost make ends; steps of one build share it.
 * False when another living build has it.
 */
export function takeLock() {
  const path = join(process.env.TOPDIR, 'tmp', 'build.lock');
  const mine = process.env.SAMPLE_BUILD_PID ?? String(process.ppid);
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openSync(path, 'wx');
      writeSync(fd, mine);
      closeSync(fd);
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readFileSync(path, 'utf8');
    if (holder === mine) return true;
    if (holder !== '' && isAlive(Number(holder))) return false;
    unlinkSync(path);
  }
  return false;
}

/** A killed build whose parent is gone may stay a zombie where nobody collects it: that is no build. */
function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** A fresh root for the packages of this build. */
export function wipeRoot(root) {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
}
