import { createHash } from 'node:crypto';
import { parseSha256, type Sha256 } from '../../bytes/sha256.ts';
import { BLOCKS_AHEAD, workAhead } from './ahead.ts';
import { type ContentSource, listPieces, type Piece, unpackPiece } from './content.ts';
import type { FileContent } from './inode.ts';

interface Step {
  readonly file: FileContent;
  /** The last part of a file has none behind it. */
  readonly piece: Piece | undefined;
}

/**
 * The SHA-256 of files, each block unpacked once, several at a time.
 *
 * @throws ImageError what reading any of them throws
 */
export async function hashContents(
  source: ContentSource,
  files: Iterable<FileContent>,
): Promise<ReadonlyMap<FileContent, Sha256>> {
  const digests = new Map<FileContent, Sha256>();
  const steps = workAhead(
    listSteps(source, [...new Set(files)].sort(byPlace)),
    BLOCKS_AHEAD,
    async (step) => ({
      file: step.file,
      bytes: step.piece === undefined ? undefined : await unpackPiece(source, step.piece),
    }),
  );
  let hash = createHash('sha256');
  for await (const { file, bytes } of steps) {
    if (bytes !== undefined) {
      hash.update(bytes);
      continue;
    }
    digests.set(file, parseSha256(hash.digest('hex')));
    hash = createHash('sha256');
  }
  return digests;
}

function* listSteps(source: ContentSource, files: readonly FileContent[]): Generator<Step> {
  for (const file of files) {
    for (const piece of listPieces(source, file)) yield { file, piece };
    yield { file, piece: undefined };
  }
}

/** Files that share a block of tails stand together, so that it is unpacked once. */
function byPlace(a: FileContent, b: FileContent): number {
  const fragments = (a.fragment?.index ?? -1) - (b.fragment?.index ?? -1);
  return fragments === 0 ? a.start - b.start : fragments;
}
