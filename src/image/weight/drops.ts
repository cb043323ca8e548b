import type { InstalledPackage } from '../contents/package-lists.ts';
import type { OwnedFiles } from './owned-files.ts';

/** What could be left out of an image, and what that frees in the root file system. */
export interface Drop {
  /** What to remove, by the name for `--remove`. */
  readonly name: string;
  /** Bytes as they are stored, compressed: of its files and of those of `alone`. */
  readonly freesBytes: number;
  /** Packages that are in the image for its sake alone, sorted. */
  readonly alone: readonly string[];
}

export interface DropInput {
  readonly packages: readonly InstalledPackage[];
  readonly files: OwnedFiles;
  /** Bytes a file takes in the root file system, compressed; 0 for what is no file. */
  readonly storedBytes: (path: string) => number;
  /** What the image cannot be without. */
  readonly keep: Iterable<string>;
  /** What was asked for by itself, by the profile or the user: it stays where what needs it goes. */
  readonly explicit: Iterable<string>;
  /** What may be offered; what something else in the image depends on is left out by itself. */
  readonly candidates: Iterable<string>;
}

/**
 * Rank what could be left out by what it frees, the most first.
 *
 * A candidate is offered where no other package needs it. With it goes what nothing but it, and what goes with it, needs.
 */
export function computeDrops({
  packages,
  files,
  storedBytes,
  keep,
  explicit,
  candidates,
}: DropInput): readonly Drop[] {
  const graph = makeGraph(packages);
  const kept = new Set([...keep].map(graph.find));
  const staying = new Set([...kept, ...[...explicit].map(graph.find)]);
  const ownBytes = (name: string): number =>
    (files.get(name) ?? []).reduce((sum, path) => sum + storedBytes(path), 0);
  const drops = [...new Set(candidates)].flatMap((candidate): Drop[] => {
    const name = graph.find(candidate);
    if (name === undefined || kept.has(name) || graph.neededBy(name).size > 0) return [];
    const gone = new Set([name]);
    // what is needed only by what goes, until nothing more follows
    for (const leaving of gone) {
      for (const needed of graph.needs(leaving)) {
        const others = [...graph.neededBy(needed)].filter((other) => !gone.has(other));
        if (others.length === 0 && !staying.has(needed)) gone.add(needed);
      }
    }
    const freesBytes = [...gone].reduce((sum, item) => sum + ownBytes(item), 0);
    return [{ name: candidate, freesBytes, alone: [...gone].filter((item) => item !== name).sort() }];
  });
  return drops
    .filter(({ freesBytes }) => freesBytes > 0)
    .sort((a, b) => b.freesBytes - a.freesBytes || (a.name < b.name ? -1 : 1));
}

interface Graph {
  /** The package behind a name, which may be one it provides or that lacks the version of its ABI. */
  find(name: string): string | undefined;
  needs(name: string): ReadonlySet<string>;
  neededBy(name: string): ReadonlySet<string>;
}

function makeGraph(packages: readonly InstalledPackage[]): Graph {
  const byName = new Map<string, string>();
  for (const { name, provides, abiVersion } of packages) {
    for (const alias of provides) byName.set(alias, byName.get(alias) ?? name);
    if (abiVersion !== undefined && name.endsWith(abiVersion))
      byName.set(name.slice(0, -abiVersion.length), name);
  }
  for (const { name } of packages) byName.set(name, name);
  const needs = new Map<string, Set<string>>();
  const neededBy = new Map<string, Set<string>>(packages.map(({ name }) => [name, new Set()]));
  for (const { name, depends } of packages) {
    const found = depends.flatMap((item) => {
      const target = item.startsWith('!') ? undefined : byName.get(item.split(/[ (<=>~]/, 1)[0] ?? '');
      return target === undefined || target === name ? [] : [target];
    });
    needs.set(name, new Set(found));
    for (const target of found) neededBy.get(target)?.add(name);
  }
  const none: ReadonlySet<string> = new Set();
  return {
    find: (name) => byName.get(name),
    needs: (name) => needs.get(name) ?? none,
    neededBy: (name) => neededBy.get(name) ?? none,
  };
}
