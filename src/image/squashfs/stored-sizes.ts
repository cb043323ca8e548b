import { type ContentSource, listPieces } from './content.ts';
import type { FileContent } from './inode.ts';

/**
 * Bytes that files take as they are stored, compressed. A block of tails is shared out by what each file has in it; several
 * names of one file share it, too.
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
  const tails = new Map<number, { readonly file: FileContent; readonly sizeBytes: number }[]>();
  for (const file of names.keys()) {
    let stored = 0;
    for (const piece of listPieces(source, file)) {
      if (piece.from === 'block') stored += piece.block.storedBytes;
      else {
        const sharing = tails.get(piece.index) ?? [];
        sharing.push({ file, sizeBytes: piece.sizeBytes });
        tails.set(piece.index, sharing);
      }
    }
    ownBytes.set(file, stored);
  }
  for (const [index, sharing] of tails) {
    const stored = source.fragments.storedBytes(index);
    const total = sharing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { file, sizeBytes } of sharing)
      ownBytes.set(file, (ownBytes.get(file) ?? 0) + (stored * sizeBytes) / total);
  }
  return new Map(
    [...files].map(([path, file]) => [path, Math.round((ownBytes.get(file) ?? 0) / (names.get(file) ?? 1))]),
  );
}
