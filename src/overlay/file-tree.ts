/** Absolute path on the router, `/etc/uci-defaults/99-mape`. */
export type OverlayPath = string;

export type TreeEntry =
  | { readonly type: 'file'; readonly mode: number; readonly bytes: Uint8Array; readonly secret: boolean }
  | { readonly type: 'directory'; readonly mode: number }
  | { readonly type: 'symlink'; readonly target: string };

/** A file tree in memory, sorted by path in code units; every parent directory is an entry of its own. */
export type FileTree = ReadonlyMap<OverlayPath, TreeEntry>;

/** Build a tree: parents are added (0755), paths sorted. The later of two entries with one path wins. */
export function makeFileTree(entries: Iterable<readonly [OverlayPath, TreeEntry]>): FileTree {
  const all = new Map<OverlayPath, TreeEntry>(entries);
  for (const path of [...all.keys()]) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (!all.has(parent)) all.set(parent, { type: 'directory', mode: 0o755 });
    }
  }
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Mode of a file that holds a whole tree, an image or an archive: its owner's alone where there is a secret in it. */
export function containerMode(tree: FileTree): 0o600 | 0o644 {
  return holdsSecret(tree) ? 0o600 : 0o644;
}

/** Whether any file of a tree holds a secret. */
export function holdsSecret(tree: FileTree): boolean {
  return [...tree.values()].some((entry) => entry.type === 'file' && entry.secret);
}
