import type { PortRange } from '../../mape/parameters.ts';

const ROWS = 16;
const CELLS = 64;
const PORTS_PER_CELL = 65536 / ROWS / CELLS;

/**
 * A map of the port space, 72 columns wide: 16 rows of 4096 ports, 64 cells of 64 ports each; a cell is marked where at
 * least one of its ports is the subscriber's.
 */
export function renderPortPicture(
  ranges: readonly PortRange[],
  marks: { readonly yours: string; readonly other: string },
): string[] {
  const yours = new Set<number>();
  for (const [first, last] of ranges) {
    for (let cell = Math.floor(first / PORTS_PER_CELL); cell <= Math.floor(last / PORTS_PER_CELL); cell += 1)
      yours.add(cell);
  }
  return Array.from({ length: ROWS }, (_, row) => {
    const cells = Array.from({ length: CELLS }, (_unused, cell) =>
      yours.has(row * CELLS + cell) ? marks.yours : marks.other,
    );
    return `${String(row * CELLS * PORTS_PER_CELL).padStart(6)} ${cells.join('')}`;
  });
}
