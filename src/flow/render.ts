import { dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { packTar } from '../io/pack-tar.ts';
import type { Ports } from '../io/ports.ts';
import { withTempDir } from '../io/temp.ts';
import { containerMode, type FileTree } from '../overlay/file-tree.ts';
import { PLAN_ID_PATH } from '../overlay/render.ts';
import { FlowError } from './errors.ts';
import { withNewDir } from './output-dir.ts';

/** An overlay carries no time of its own; a tar needs one. https://reproducible-builds.org/specs/source-date-epoch/ */
function mtimeSecOf(ports: Ports): number {
  const epoch = ports.env.SOURCE_DATE_EPOCH;
  return epoch !== undefined && /^\d{1,11}$/.test(epoch) ? Number(epoch) : 0;
}

/** The overlay as a tar stream. */
export function renderToTar(ports: Ports, overlay: FileTree): Readable {
  return packTar(overlay, mtimeSecOf(ports));
}

/**
 * Write the overlay to a folder, or to a tar file where the name ends in `.tar`; whole or not at all.
 *
 * @throws FlowError OUTPUT_EXISTS where something else stands there, or a former overlay without `force`
 */
export async function renderToPath(
  ports: Ports,
  overlay: FileTree,
  path: string,
  force: boolean,
): Promise<string> {
  const target = resolve(ports.cwd, path);
  const found = await ports.files.kind(target);
  if (target.endsWith('.tar')) {
    if (found !== 'missing' && !(found === 'file' && force)) throw outputExists(path, found === 'file');
    await withTempDir(ports, dirname(target), async (temp) => {
      const fresh = join(temp, 'overlay.tar');
      const file: Writable = ports.files.openWrite(fresh, containerMode(overlay));
      await pipeline(renderToTar(ports, overlay), file);
      await ports.files.rename(fresh, target);
    });
    return target;
  }
  const former = found === 'directory' && (await isReplaceable(ports, target));
  if (
    found !== 'missing' &&
    !(former && force) &&
    !(found === 'directory' && (await ports.files.list(target)).length === 0)
  ) {
    throw outputExists(path, former);
  }
  await withNewDir(ports, target, (dir) => ports.files.writeTree(dir, overlay, mtimeSecOf(ports)));
  return target;
}

/** Only a folder that this program has written may be replaced, whatever `force` says. */
async function isReplaceable(ports: Ports, dir: string): Promise<boolean> {
  return (await ports.files.kind(join(dir, PLAN_ID_PATH))) === 'file';
}

function outputExists(path: string, former: boolean): FlowError {
  return new FlowError('OUTPUT_EXISTS', {
    message: `${path} exists already`,
    hint: former
      ? 'replace it with --force, or name another place'
      : 'it is not an overlay of this program: name another place',
    details: { path, former },
  });
}
