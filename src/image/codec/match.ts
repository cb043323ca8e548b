/** Repeat bytes from `distance` before the end; a match may reach into the bytes it is writing, which then recur. */
export function copyMatch(output: Uint8Array, end: number, distance: number, length: number): void {
  if (distance >= length) {
    output.copyWithin(end, end - distance, end - distance + length);
    return;
  }
  for (let at = end; at < end + length; at++) output[at] = output[at - distance] ?? 0;
}
