import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { FileTree, TreeEntry } from '../overlay/file-tree.ts';

/**
 * A tree as a tar stream (ustar), paths relative as `./etc/…`: the same tree gives the same bytes.
 *
 * @param mtimeSec time of every entry, in seconds since 1970
 */
export function packTar(tree: FileTree, mtimeSec: number): Readable {
  const stream = pack();
  const mtime = new Date(mtimeSec * 1000);
  for (const [path, entry] of tree) {
    // tar-stream fills what is missing from the clock and changes the header it gets: each entry gets a whole one of its own.
    const header = {
      name: `.${path}`,
      uid: 0,
      gid: 0,
      uname: 'root',
      gname: 'root',
      mtime,
      ...headerOf(entry),
    };
    stream.entry(header, entry.type === 'file' ? Buffer.from(entry.bytes) : '');
  }
  stream.finalize();
  return Readable.from(stream);
}

function headerOf(entry: TreeEntry) {
  switch (entry.type) {
    case 'file':
      return { type: 'file', mode: entry.mode, size: entry.bytes.byteLength } as const;
    case 'directory':
      return { type: 'directory', mode: entry.mode, size: 0 } as const;
    case 'symlink':
      return { type: 'symlink', mode: 0o777, size: 0, linkname: entry.target } as const;
    default:
      return entry satisfies never;
  }
}
