import { join } from 'node:path';
import type { Ports } from '../../io/ports.ts';
import type { BuiltSizes } from './fit.ts';

/** Sizes of the two parts of an image as the last build left them; they stay when the image did not fit. */
export async function readBuiltSizes(ports: Ports, tree: string, profile: string): Promise<BuiltSizes> {
  const sizes: { kernelBytes: number | undefined; rootfsBytes: number | undefined } = {
    kernelBytes: undefined,
    rootfsBytes: undefined,
  };
  for (const folder of await linuxDirs(ports, tree)) {
    sizes.kernelBytes ??= await sizeOf(ports, join(folder, `${profile}-kernel.bin`));
    sizes.rootfsBytes ??= await sizeOf(ports, join(folder, 'root.squashfs'));
  }
  return sizes;
}

/** The root file system of the last build. */
export async function listRootfs(ports: Ports, tree: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of await linuxDirs(ports, tree)) {
    const path = join(folder, 'root.squashfs');
    if ((await ports.files.kind(path)) === 'file') found.push(path);
  }
  return found;
}

/** Remove the root file system of an earlier build, so that what stands there later is this one's. */
export async function removeOldRootfs(ports: Ports, tree: string): Promise<void> {
  for (const folder of await linuxDirs(ports, tree)) await ports.files.remove(join(folder, 'root.squashfs'));
}

/**
 * Where a build leaves copies of the overlay in its tree: the root, the root file system, the images before they are copied.
 * The next build makes all of them anew.
 *
 * @param target `ath79/generic`
 */
export async function listBuiltCopies(
  ports: Ports,
  tree: string,
  target: string,
): Promise<readonly string[]> {
  const board = target.split('/')[0] ?? '';
  const folders = await linuxDirs(ports, tree);
  return folders.flatMap((folder) => [
    join(folder, '..', `root-${board}`),
    join(folder, 'root.squashfs'),
    join(folder, 'tmp'),
  ]);
}

/** `build_dir/target-<arch>_<libc>/linux-<target>_<subtarget>` */
export async function linuxDirs(ports: Ports, tree: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of await listDir(ports, join(tree, 'build_dir'))) {
    if (!target.startsWith('target-')) continue;
    for (const name of await listDir(ports, join(tree, 'build_dir', target))) {
      if (name.startsWith('linux-')) found.push(join(tree, 'build_dir', target, name));
    }
  }
  return found;
}

/**
 * Names of the packages that the tree has itself or has lists of, for hints alone: the index of `packages/`, the lists and
 * the package files of `dl/`.
 */
export async function readKnownPackages(ports: Ports, tree: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const folder of ['packages', 'dl']) {
    for (const file of await listDir(ports, join(tree, folder))) {
      const path = join(tree, folder, file);
      const [, packageName] =
        /^([A-Za-z0-9][\w.+-]*?)(?:_\d[^_]*_[a-z0-9_.+-]+\.ipk|-\d[^-]*(?:-r\d+)?\.apk)$/.exec(file) ?? [];
      if (packageName !== undefined) names.add(packageName);
      else if (!file.includes('.') && (await ports.files.kind(path)) === 'file') {
        for (const [, name = ''] of (await ports.files.readText(path)).matchAll(/^Package: (\S+)$/gm))
          names.add(name);
      }
    }
  }
  return [...names].sort();
}

/** Names in a folder; none where there is no folder. */
export async function listDir(ports: Ports, path: string): Promise<readonly string[]> {
  return (await ports.files.kind(path)) === 'directory' ? ports.files.list(path) : [];
}

async function sizeOf(ports: Ports, path: string): Promise<number | undefined> {
  return (await ports.files.kind(path)) === 'file' ? ports.files.sizeBytes(path) : undefined;
}
