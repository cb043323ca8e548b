/**
 * The candidates a mistyped text may have meant, nearest first, at most three.
 *
 * Case, `-`, `_` and blanks do not count; beyond that up to a third of the characters may differ.
 */
export function findNearest(text: string, candidates: readonly string[]): readonly string[] {
  const wanted = simplify(text).slice(0, MAX_CHARACTERS);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate) => ({ candidate, distance: computeEditDistance(wanted, simplify(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Longer texts are no slip of a finger, and the distance costs the product of both lengths. */
const MAX_CHARACTERS = 80;

function simplify(text: string): string {
  return text.toLowerCase().replace(/[-_\s]/g, '');
}

/** Levenshtein distance with neighbours swapped counted as one (optimal string alignment). */
function computeEditDistance(a: string, b: string): number {
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
