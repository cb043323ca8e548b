import { ImageError } from '../errors.ts';
import type { RootEntry, RootFilesystem } from '../root-filesystem.ts';

/** As many links as Linux follows. @see linux include/linux/namei.h (MAXSYMLINKS) */
const MAX_LINKS = 40;
/** Every file read here is a few KiB; the package lists reach 1 MiB. */
const MAX_TEXT_BYTES = 16 << 20;

/** A root file system whose paths can be looked up. */
export interface RootIndex {
  readonly rootfs: RootFilesystem;
  /** What stands at a path; a link is not followed. */
  entry(path: string): RootEntry | undefined;
  /** What a program finds at a path, links followed inside the root; absent where they lead nowhere or in a circle. */
  resolve(path: string): RootEntry | undefined;
  /** Entries right below a directory, links to it not followed, sorted by path. */
  list(path: string): readonly RootEntry[];
  /**
   * Text of a file, links followed; absent where there is no file. Bytes that are no UTF-8 become U+FFFD.
   *
   * @throws ImageError IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
   */
  readText(path: string): Promise<string | undefined>;
}

/** Index a root by path. */
export function indexRoot(rootfs: RootFilesystem): RootIndex {
  const byPath = new Map(rootfs.entries.map((entry) => [entry.path, entry]));
  const children = new Map<string, RootEntry[]>();
  for (const entry of rootfs.entries) {
    if (entry.path === '/') continue;
    const parent = parentOf(entry.path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  }
  const resolve = (path: string) => resolvePath(byPath, path);
  return {
    rootfs,
    entry: (path) => byPath.get(path),
    resolve,
    list: (path) => children.get(path) ?? [],
    async readText(path) {
      const entry = resolve(path);
      if (entry?.type !== 'file') return undefined;
      if (entry.sizeBytes > MAX_TEXT_BYTES) throw tooLarge(path, entry.sizeBytes);
      return new TextDecoder().decode(await rootfs.readFile(entry.path));
    },
  };
}

/** The directory a path lies in; `/` for `/etc` and for `/` itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** @see path_resolution(7) */
function resolvePath(byPath: ReadonlyMap<string, RootEntry>, path: string): RootEntry | undefined {
  let rest = splitPath(path);
  let current = byPath.get('/');
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (current?.type !== 'directory') return undefined;
    const next = part === '..' ? byPath.get(parentOf(current.path)) : byPath.get(join(current.path, part));
    if (next?.type !== 'symlink') {
      current = next;
      continue;
    }
    links += 1;
    const target = next.target ?? '';
    if (links > MAX_LINKS || target === '') return undefined;
    if (target.startsWith('/')) current = byPath.get('/');
    rest = [...splitPath(target), ...rest];
  }
  return current;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

function tooLarge(path: string, sizeBytes: number): ImageError {
  return new ImageError('IMAGE_FILE_TOO_LARGE', {
    message: `wanted at most ${MAX_TEXT_BYTES} bytes of text in ${path}, found ${sizeBytes}`,
    hint: 'this is no file of an OpenWrt image; do not flash it',
    details: { path, limitBytes: MAX_TEXT_BYTES, sizeBytes },
  });
}
