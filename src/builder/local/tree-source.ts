import { join } from 'node:path';
import { canonicalJson } from '../../bytes/canonical-json.ts';
import { computeSha256 } from '../../bytes/sha256.ts';
import type { Ports } from '../../io/ports.ts';
import type { TreeLocation } from './locate.ts';

/** What decides a build in a tree and is not made by one. Its programs are left out: hundreds of megabytes. */
const DECIDING = [
  '.config',
  '.packageinfo',
  '.profiles.mk',
  '.targetinfo',
  'Makefile',
  'include',
  'repositories',
  'repositories.conf',
  'rules.mk',
  'scripts',
  'target/linux',
] as const;
/** What python leaves behind, and of each target all but how its images are made: a thousand files of no say. */
const LEFT_OUT = /\.pyc$|\/__pycache__$|^target\/linux\/[^/]+\/(?!image\/)[^/]+\//;
const MAX_DEPTH = 12;

/**
 * A digest for an ImageBuilder that is a folder: over the paths and bytes of its makefiles, scripts and settings.
 *
 * An archive is identified by its own digest; this one is for trees that nobody knows the archive of.
 */
export async function computeTreeDigest(ports: Ports, dir: string): Promise<string> {
  const files: [path: string, sha256: string][] = [];
  const add = async (path: string, depth: number): Promise<void> => {
    const kind = await ports.files.kind(join(dir, path));
    if (kind === 'file') files.push([path, computeSha256(await ports.files.readFile(join(dir, path)))]);
    if (kind !== 'directory' || depth === 0) return;
    for (const name of await ports.files.list(join(dir, path))) {
      const inner = `${path}/${name}`;
      if (!LEFT_OUT.test(inner)) await add(inner, depth - 1);
    }
  };
  for (const path of DECIDING) await add(path, MAX_DEPTH);
  return computeSha256(canonicalJson(files));
}

/**
 * Where a tree takes its packages from, in its order: addresses, and `file:` folders.
 *
 * @see OpenWrt include/feeds.mk (FeedSourcesAppendOPKG, FeedSourcesAppendAPK)
 */
export async function readRepositories(ports: Ports, tree: TreeLocation): Promise<readonly string[]> {
  const name = tree.packageManager === 'apk' ? 'repositories' : 'repositories.conf';
  const lines = (await ports.files.readText(join(tree.dir, name))).split('\n').map((line) => line.trim());
  if (tree.packageManager === 'apk') return lines.filter((line) => line !== '' && !line.startsWith('#'));
  return lines.flatMap((line) => {
    const [, source] = /^src(?:\/gz)?\s+\S+\s+(\S+)$/.exec(line) ?? [];
    return source === undefined ? [] : [source];
  });
}
