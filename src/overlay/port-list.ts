import type { PortRange } from '../mape/parameters.ts';

/** Ranges in ascending order, those that touch or overlap made one. */
export function mergePorts(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** What is left of each range without the ports taken, in the order of the ranges; `taken` is merged. */
export function subtractPorts(
  ranges: readonly PortRange[],
  taken: readonly PortRange[],
): readonly PortRange[] {
  const rest: PortRange[] = [];
  for (const [first, last] of ranges) {
    let start = first;
    for (const [takenFirst, takenLast] of taken) {
      if (takenLast < start || takenFirst > last) continue;
      if (takenFirst > start) rest.push([start, takenFirst - 1]);
      start = takenLast + 1;
    }
    if (start <= last) rest.push([start, last]);
  }
  return rest;
}

/** Whether a whole range lies inside the set. */
export function coversPorts(ranges: readonly PortRange[], wanted: PortRange): boolean {
  return subtractPorts([wanted], mergePorts(ranges)).length === 0;
}

/** `5136`, `5136-5151` */
export function formatPorts([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
