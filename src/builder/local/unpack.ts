import { basename, join } from 'node:path';
import { unpackArchive } from '../../io/archive.ts';
import { IoError } from '../../io/errors.ts';
import type { Ports } from '../../io/ports.ts';
import { withTempDir } from '../../io/temp.ts';
import { locateTree, type TreeLocation } from './locate.ts';

/** Says that the host's tools were looked for; it holds for the host it was made on alone. */
const PREREQUISITE_STAMP = 'staging_dir/host/.prereq-build';

/**
 * The tree of an ImageBuilder's archive, at `<treesDir>/<sha256 of the archive>/<its top folder>`: unpacked whole or not
 * at all, and used again as long as it stands there.
 *
 * @param treesDir absolute, on a safe path
 * @throws IoError ARCHIVE_REFUSED, ARCHIVE_CORRUPT, DISK_FULL, TOOL_MISSING; BuilderError as locateTree
 * @see OpenWrt include/prereq.mk
 */
export async function unpackImageBuilder(
  ports: Ports,
  archive: string,
  treesDir: string,
): Promise<TreeLocation> {
  const sha256 = await ports.files.sha256(archive);
  const home = join(treesDir, sha256);
  if ((await ports.files.kind(home)) === 'missing') {
    const name = basename(archive);
    ports.reporter.progress('unpacking', { name });
    await withTempDir(ports, treesDir, async (temp) => {
      const fresh = join(temp, 'tree');
      await ports.files.makeDir(fresh);
      const { top, entries } = await unpackArchive(ports, archive, fresh);
      await locateTree(ports, join(fresh, top));
      await ports.files.remove(join(fresh, top, PREREQUISITE_STAMP));
      await moveUnlessThere(ports, fresh, home);
      ports.reporter.step('unpacked', { name, entries });
    });
  }
  const [top = ''] = await ports.files.list(home);
  return locateTree(ports, join(home, top));
}

/** Another process may have unpacked the same archive meanwhile: equal bytes, either will do. */
async function moveUnlessThere(ports: Ports, from: string, to: string): Promise<void> {
  try {
    await ports.files.rename(from, to);
  } catch (cause) {
    if (!(cause instanceof IoError) || cause.code !== 'FILE_EXISTS') throw cause;
  }
}
