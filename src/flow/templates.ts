import { join } from 'node:path';
import { PACKAGE_ROOT } from '../io/package-files.ts';
import type { Ports } from '../io/ports.ts';
import { type FileTree, makeFileTree, type TreeEntry } from '../overlay/file-tree.ts';

/** The overlay's sources as they stand in `overlays/mape`, `.hbs` kept in the path; modes are the renderer's matter. */
export async function readTemplates(ports: Ports): Promise<FileTree> {
  const root = join(PACKAGE_ROOT, 'overlays', 'mape');
  const entries: [string, TreeEntry][] = [];
  const walk = async (path: string): Promise<void> => {
    for (const name of await ports.files.list(join(root, path))) {
      const inside = `${path}/${name}`;
      if ((await ports.files.kind(join(root, inside))) === 'directory') await walk(inside);
      else
        entries.push([
          inside,
          { type: 'file', mode: 0o644, bytes: await ports.files.readFile(join(root, inside)), secret: false },
        ]);
    }
  };
  await walk('');
  return makeFileTree(entries);
}
