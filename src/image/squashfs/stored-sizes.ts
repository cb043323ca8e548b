import { type ContentSource, listPieces } from './content.ts';
import type { FileContent } from './inode.ts';

/** What files have in one stored block. */
interface Sharing {
  readonly storedBytes: number;
  readonly parts: { readonly file: FileContent; readonly sizeBytes: number }[];
}

/**
 * Bytes that files take as they are stored, compressed: all of them together are what the image has of data. A block of
 * tails is shared out by what each file has in it. Several names of one file share it, and files of equal content do, which
 * mksquashfs stores once.
 *
 * @throws ImageError what reading metadata throws
 */
export function measureContents(
  source: ContentSource,
  files: ReadonlyMap<string, FileContent>,
): ReadonlyMap<string, number> {
  const names = new Map<FileContent, number>();
  for (const file of files.values()) names.set(file, (names.get(file) ?? 0) + 1);
  const ownBytes = new Map<FileContent, number>();
  for (const { storedBytes, parts } of listSharings(source, names.keys())) {
    const total = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { file, sizeBytes } of parts)
      ownBytes.set(file, (ownBytes.get(file) ?? 0) + (storedBytes * sizeBytes) / total);
  }
  return new Map(
    [...files].map(([path, file]) => [path, Math.round((ownBytes.get(file) ?? 0) / (names.get(file) ?? 1))]),
  );
}

function listSharings(source: ContentSource, files: Iterable<FileContent>): readonly Sharing[] {
  const blocks = new Map<number, Sharing>();
  const fragments = new Map<number, Sharing>();
  for (const file of files) {
    for (const piece of listPieces(source, file)) {
      const { sizeBytes } = piece;
      if (piece.from === 'fragment') {
        const { index } = piece;
        const sharing = fragments.get(index) ?? {
          storedBytes: source.fragments.storedBytes(index),
          parts: [],
        };
        sharing.parts.push({ file, sizeBytes });
        fragments.set(index, sharing);
      } else if (piece.block.storedBytes > 0) {
        // Where zeros are not stored, the next block has their place.
        const { at, storedBytes } = piece.block;
        const sharing = blocks.get(at) ?? { storedBytes, parts: [] };
        sharing.parts.push({ file, sizeBytes });
        blocks.set(at, sharing);
      }
    }
  }
  return [...blocks.values(), ...fragments.values()];
}
