import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { computeSha256 } from '../../bytes/sha256.ts';
import type { Ports } from '../../io/ports.ts';
import type { PackageFile } from '../types.ts';
import type { TreeLocation } from './locate.ts';
import { plainName } from './package-file-name.ts';
import { type PackageMetadata, parseApkInstalled, parseControl } from './package-metadata.ts';
import { linuxDirs, listDir } from './tree-files.ts';

/** A list of the largest feed has some 15 MB of text. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/**
 * The package files an image was made of, with their digests: looked for where the ImageBuilder takes them from (its own,
 * those of its kernel, those it fetched), else as its signed list of packages gives them.
 *
 * @param installed versions by name, of the manifest
 * @param target `ath79/generic`
 * @returns sorted by name; a package whose file is nowhere stays out
 * @see OpenWrt target/imagebuilder/files/Makefile (package_install: --cache dl, packages/, the two of the kernel)
 */
export async function readPackageFiles(
  ports: Ports,
  tree: TreeLocation,
  target: string,
  installed: ReadonlyMap<string, string>,
): Promise<readonly PackageFile[]> {
  const paths = await listFiles(ports, tree);
  const described = await readInstalled(ports, tree, target, installed);
  const found: PackageFile[] = [];
  const sought: [string, string][] = [];
  for (const [name, version] of installed) {
    const { architecture, license } = described.get(name) ?? {};
    const path = fileNamesOf(tree, name, version, architecture)
      .map((fileName) => paths.get(fileName))
      .find((known) => known !== undefined);
    if (path === undefined) {
      sought.push([name, version]);
      continue;
    }
    // Packages are small: read at once they are hashed several times faster than as streams.
    const bytes = await ports.files.readFile(path);
    found.push({
      name,
      version,
      fileName: plainName(path),
      sha256: computeSha256(bytes),
      sizeBytes: bytes.byteLength,
      architecture,
      license,
    });
  }
  if (sought.length > 0) found.push(...(await readListed(ports, tree, new Map(sought))));
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Paths by plain name; of two files of one name the one stands that the package manager takes. */
async function listFiles(ports: Ports, tree: TreeLocation): Promise<ReadonlyMap<string, string>> {
  const folders = [...(await linuxDirs(ports, tree.dir)), join(tree.dir, 'packages'), join(tree.dir, 'dl')];
  const paths = new Map<string, string>();
  for (const folder of folders) {
    for (const file of await listDir(ports, folder)) {
      const name = plainName(file);
      if (/\.(ipk|apk)$/.test(name) && !paths.has(name)) paths.set(name, join(folder, file));
    }
  }
  return paths;
}

function fileNamesOf(
  { packageManager }: TreeLocation,
  name: string,
  version: string,
  architecture: string | undefined,
): readonly string[] {
  if (packageManager === 'apk') return [`${name}-${version}.apk`];
  return architecture === undefined ? [] : [`${name}_${version}_${architecture}.ipk`];
}

/** What the root file system just made says of its packages. */
async function readInstalled(
  ports: Ports,
  tree: TreeLocation,
  target: string,
  installed: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, PackageMetadata>> {
  const root = await findRoot(ports, tree.dir, target);
  if (root === undefined) return new Map();
  const byName = (all: readonly PackageMetadata[]) => all.map((one) => [one.name, one] as const);
  if (tree.packageManager === 'apk')
    return new Map(byName(parseApkInstalled(await readIfThere(ports, join(root, 'lib/apk/db/installed')))));
  const status = parseControl(await readIfThere(ports, join(root, 'usr/lib/opkg/status')));
  const info = join(root, 'usr/lib/opkg/info');
  const there = new Set(await listDir(ports, info));
  const control = await Promise.all(
    [...installed.keys()]
      .filter((name) => there.has(`${name}.control`))
      .map(async (name) => parseControl(await ports.files.readText(join(info, `${name}.control`)))),
  );
  // The status has no licence.
  return new Map([...byName(status), ...byName(control.flat())]);
}

async function findRoot(ports: Ports, tree: string, target: string): Promise<string | undefined> {
  const board = target.split('/')[0] ?? '';
  for (const folder of await linuxDirs(ports, tree)) {
    const root = join(folder, '..', `root-${board}`);
    if ((await ports.files.kind(root)) === 'directory') return root;
  }
  return undefined;
}

/** Packages as the lists of opkg give them, which are text, or gzip of it; those of apk are binary and are not read. */
async function readListed(
  ports: Ports,
  tree: TreeLocation,
  sought: ReadonlyMap<string, string>,
): Promise<readonly PackageFile[]> {
  if (tree.packageManager === 'apk') return [];
  const found = new Map<string, PackageFile>();
  for (const folder of ['packages', 'dl']) {
    for (const file of await listDir(ports, join(tree.dir, folder))) {
      const path = join(tree.dir, folder, file);
      if (file.includes('.') || (await ports.files.kind(path)) !== 'file') continue;
      for (const one of parseControl(decodeList(await ports.files.readFile(path)))) {
        const { name, version, fileName, sha256, sizeBytes, architecture, license } = one;
        if (sought.get(name) !== version || fileName === undefined) continue;
        if (sha256 === undefined || sizeBytes === undefined) continue;
        found.set(name, { name, version, fileName, sha256, sizeBytes, architecture, license });
      }
    }
  }
  return [...found.values()];
}

function decodeList(bytes: Uint8Array): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes).toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_LIST_BYTES }).toString('utf8');
  } catch {
    // The package manager judges its lists; what cannot be read names no file.
    return '';
  }
}

async function readIfThere(ports: Ports, path: string): Promise<string> {
  return (await ports.files.kind(path)) === 'file' ? ports.files.readText(path) : '';
}
