import type { RootEntry, RootFilesystem } from '../../src/image/root-filesystem.ts';
import {
  type FileTree,
  makeFileTree,
  type OverlayPath,
  type TreeEntry,
} from '../../src/overlay/file-tree.ts';

/** What a test says of one path: text (0644), bytes with a mode, a link, or a directory. */
export type Described =
  | string
  | { readonly text: string | Uint8Array; readonly mode?: number; readonly uid?: number }
  | { readonly link: string }
  | { readonly directory: number; readonly uid?: number }
  | { readonly device: readonly [major: number, minor: number] };

/** A root file system in memory; parents that are not named are directories of 0755. */
export function makeRoot(described: Readonly<Record<string, Described>>): RootFilesystem {
  const tree = makeFileTree(
    Object.entries(described).map(([path, what]): [OverlayPath, TreeEntry] => [path, toTreeEntry(what)]),
  );
  const entries = [...tree].map(([path, entry]) => toRootEntry(path, entry, described[path]));
  const root: RootEntry = { ...PLAIN, path: '/', type: 'directory', mode: 0o755 };
  return readable(entries.some(({ path }) => path === '/') ? entries : [root, ...entries], tree);
}

/** The root that an ImageBuilder makes of an overlay alone. */
export function rootOfTree(tree: FileTree): RootFilesystem {
  const entries = [...tree].map(([path, entry]) => toRootEntry(path, entry, undefined));
  return readable([{ ...PLAIN, path: '/', type: 'directory', mode: 0o755 }, ...entries], tree);
}

/** The same root with some of it changed; `undefined` takes an entry away. */
export function changeRoot(
  root: RootFilesystem,
  changes: Readonly<Record<string, Partial<RootEntry> & { readonly text?: string | Uint8Array }>>,
  removed: readonly string[] = [],
): RootFilesystem {
  const entries = new Map(root.entries.map((entry) => [entry.path, entry]));
  const texts = new Map<string, Uint8Array>();
  for (const [path, { text, ...change }] of Object.entries(changes)) {
    const before = entries.get(path) ?? { ...PLAIN, path, type: 'file', mode: 0o644 };
    const bytes = text === undefined ? undefined : toBytes(text);
    if (bytes !== undefined) texts.set(path, bytes);
    entries.set(path, {
      ...before,
      ...(bytes === undefined ? {} : { sizeBytes: bytes.byteLength }),
      ...change,
    });
  }
  for (const path of removed) entries.delete(path);
  return {
    entries: sortEntries([...entries.values()]),
    readFile: async (path) => texts.get(path) ?? root.readFile(path),
  };
}

const PLAIN = { uid: 0, gid: 0, mtimeSec: 0, sizeBytes: 0 } as const;

function toTreeEntry(what: Described): TreeEntry {
  if (typeof what === 'string') return { type: 'file', mode: 0o644, bytes: toBytes(what), secret: false };
  if ('link' in what) return { type: 'symlink', target: what.link };
  if ('directory' in what) return { type: 'directory', mode: what.directory };
  if ('device' in what) return { type: 'file', mode: 0o600, bytes: new Uint8Array(), secret: false };
  return { type: 'file', mode: what.mode ?? 0o644, bytes: toBytes(what.text), secret: false };
}

function toRootEntry(path: string, entry: TreeEntry, what: Described | undefined): RootEntry {
  const uid = typeof what === 'object' && 'uid' in what ? (what.uid ?? 0) : 0;
  if (typeof what === 'object' && 'device' in what) {
    const [major, minor] = what.device;
    return { ...PLAIN, path, type: 'char-device', mode: 0o600, device: { major, minor } };
  }
  if (entry.type === 'symlink') return { ...PLAIN, path, type: 'symlink', mode: 0o777, target: entry.target };
  if (entry.type === 'directory') return { ...PLAIN, uid, path, type: 'directory', mode: entry.mode };
  return { ...PLAIN, uid, path, type: 'file', mode: entry.mode, sizeBytes: entry.bytes.byteLength };
}

function readable(entries: readonly RootEntry[], tree: FileTree): RootFilesystem {
  return {
    entries: sortEntries(entries),
    async readFile(path) {
      const entry = tree.get(path);
      if (entry?.type !== 'file') throw new Error(`no file ${path}`);
      return entry.bytes;
    },
  };
}

function sortEntries(entries: readonly RootEntry[]): readonly RootEntry[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}
