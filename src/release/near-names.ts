/**
 * The known names closest to one that is unknown, best first: those within a third of its length in edits, and those
 * that contain it. Case does not count.
 */
export function computeNearNames(wanted: string, known: Iterable<string>, limit = 3): readonly string[] {
  const text = wanted.toLowerCase();
  const near: { name: string; score: number }[] = [];
  for (const name of new Set(known)) {
    const other = name.toLowerCase();
    const limitEdits = Math.max(1, Math.floor(Math.max(text.length, other.length) / 3));
    const edits = Math.abs(text.length - other.length) > limitEdits ? Infinity : computeEdits(text, other);
    const contains = text.length >= 3 && other.includes(text);
    if (edits <= limitEdits || contains) near.push({ name, score: contains ? Math.min(edits, 1.5) : edits });
  }
  near.sort((a, b) => a.score - b.score || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return near.slice(0, limit).map(({ name }) => name);
}

/** Edits (insert, delete, replace, swap of neighbours) that make one text of the other. */
export function computeEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        (current[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
