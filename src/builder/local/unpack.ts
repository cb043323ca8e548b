import { basename, join } from 'node:path';
import { unpackArchive } from '../../io/archive.ts';
import { IoError } from '../../io/errors.ts';
import type { Ports } from '../../io/ports.ts';
import { withTempDir } from '../../io/temp.ts';
import { BuilderError } from '../errors.ts';
import { locateTree, type TreeLocation } from './locate.ts';

/** Says that the host's tools were looked for; it holds for the host it was made on alone. */
const PREREQUISITE_STAMP = 'staging_dir/host/.prereq-build';

export interface Archive {
  readonly path: string;
  /** What was proved of it before. */
  readonly verified?: { readonly name: string; readonly sha256: string } | undefined;
}

export interface UnpackedArchive {
  readonly tree: TreeLocation;
  readonly name: string;
  /** Of the archive. */
  readonly sha256: string;
}

/**
 * The tree of an ImageBuilder's archive, at `<treesDir>/<sha256 of the archive>/<its top folder>`: unpacked whole or not
 * at all, and used again as long as it stands there.
 *
 * @param treesDir absolute, on a safe path
 * @throws IoError ARCHIVE_REFUSED, ARCHIVE_CORRUPT, DISK_FULL, TOOL_MISSING; BuilderError IMAGEBUILDER_CHANGED, as locateTree
 * @see OpenWrt include/prereq.mk
 */
export async function unpackImageBuilder(
  ports: Ports,
  { path, verified }: Archive,
  treesDir: string,
): Promise<UnpackedArchive> {
  const name = verified?.name ?? basename(path);
  const known = verified === undefined ? undefined : join(treesDir, verified.sha256);
  // A tree made of the verified bytes needs them no more.
  const isThere = known !== undefined && (await ports.files.kind(known)) !== 'missing';
  const sha256 =
    isThere && verified !== undefined ? verified.sha256 : await verifyDigest(ports, path, verified?.sha256);
  const home = join(treesDir, sha256);
  if ((await ports.files.kind(home)) === 'missing') {
    ports.reporter.progress('unpacking', { name });
    await withTempDir(ports, treesDir, async (temp) => {
      const fresh = join(temp, 'tree');
      await ports.files.makeDir(fresh);
      const { top, entries } = await unpackArchive(ports, path, fresh);
      await locateTree(ports, join(fresh, top));
      await ports.files.remove(join(fresh, top, PREREQUISITE_STAMP));
      await moveUnlessThere(ports, fresh, home);
      ports.reporter.step('unpacked', { name, entries });
    });
  }
  const [top = ''] = await ports.files.list(home);
  return { tree: await locateTree(ports, join(home, top)), name, sha256 };
}

async function verifyDigest(ports: Ports, path: string, wanted: string | undefined): Promise<string> {
  const found = await ports.files.sha256(path);
  if (wanted === undefined || found === wanted) return found;
  throw new BuilderError('IMAGEBUILDER_CHANGED', {
    message: `wanted ${path} as it was verified (sha256 ${wanted}), found other bytes (${found})`,
    hint: 'run "mape-image cache verify --fix", then try again; look after the disk',
    details: { path, wanted, found },
  });
}

/** Another process may have unpacked the same archive meanwhile: equal bytes, either will do. */
async function moveUnlessThere(ports: Ports, from: string, to: string): Promise<void> {
  try {
    await ports.files.rename(from, to);
  } catch (cause) {
    if (!(cause instanceof IoError) || cause.code !== 'FILE_EXISTS') throw cause;
  }
}
