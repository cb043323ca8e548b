import type { ImageDifference } from '../attest/compare-builds.ts';
import { compareFiles } from '../image/compare/files.ts';
import { inspectImage } from './inspect.ts';

/**
 * The files inside two images that differ; none where one of them has no root file system that can be read.
 *
 * @throws ImageError
 */
export async function compareImageFiles(
  recorded: Uint8Array,
  rebuilt: Uint8Array,
): Promise<readonly ImageDifference[]> {
  const [from, to] = [await inspectImage(recorded), await inspectImage(rebuilt)];
  if (from.squashfs === undefined || to.squashfs === undefined) return [];
  const changes = await compareFiles(from.squashfs, to.squashfs, new Set());
  return changes.map((change) => ({
    path: change.path,
    change: change.change,
    aspects: change.change === 'changed' ? change.aspects : [],
  }));
}
