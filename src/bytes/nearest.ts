/**
 * The candidates a mistyped text may have meant, nearest first: those within a third of its length in edits, and those that
 * hold it. Case, `-`, `_` and blanks do not count.
 */
export function findNearest(text: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = simplify(text).slice(0, MAX_CHARACTERS);
  const near: { name: string; score: number }[] = [];
  for (const name of new Set(candidates)) {
    const other = simplify(name);
    const limitEdits = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3));
    const far = Math.abs(wanted.length - other.length) > limitEdits;
    const edits = far ? Number.POSITIVE_INFINITY : computeEdits(wanted, other);
    const holds = wanted.length >= 3 && other.includes(wanted);
    if (edits <= limitEdits || holds) near.push({ name, score: holds ? Math.min(edits, 1.5) : edits });
  }
  near.sort((a, b) => a.score - b.score || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return near.slice(0, limit).map(({ name }) => name);
}

/** Longer texts are no slip of a finger, and the distance costs the product of both lengths. */
const MAX_CHARACTERS = 80;

function simplify(text: string): string {
  return text.toLowerCase().replace(/[-_\s]/g, '');
}

/** Edits (insert, delete, replace, swap of neighbours) that make one text of the other: optimal string alignment. */
export function computeEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
