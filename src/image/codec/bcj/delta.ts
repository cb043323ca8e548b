/** Undo the delta filter in place: each byte was stored as its difference to the one `distance` before. */
export function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let at = distance; at < bytes.byteLength; at++)
    bytes[at] = (bytes[at] ?? 0) + (bytes[at - distance] ?? 0);
}
