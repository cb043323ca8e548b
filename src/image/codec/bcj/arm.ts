/** Undo the filter of 32-bit ARM code in place: `BL` has 24 bits of words, counted from 8 bytes behind itself. */
export function undoArm(bytes: Uint8Array, start: number): void {
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    if (bytes[at + 3] !== 0xeb) continue;
    const absolute = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const words = absolute - ((start + at + 8) >>> 2);
    bytes[at] = words;
    bytes[at + 1] = words >>> 8;
    bytes[at + 2] = words >>> 16;
  }
}

/** Undo the filter of Thumb code in place: `BL` is two half-words of 11 bits each, counted from 4 bytes behind itself. */
export function undoThumb(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 2) {
    const high = view.getUint16(at, true);
    const low = view.getUint16(at + 2, true);
    if ((high & 0xf800) !== 0xf000 || (low & 0xf800) !== 0xf800) continue;
    const halfWords = (((high & 0x7ff) << 11) | (low & 0x7ff)) - ((start + at + 4) >>> 1);
    view.setUint16(at, 0xf000 | ((halfWords >>> 11) & 0x7ff), true);
    view.setUint16(at + 2, 0xf800 | (halfWords & 0x7ff), true);
    at += 2;
  }
}

/**
 * Undo the filter of 64-bit ARM code in place: `BL` has 26 bits of words, `ADRP` 21 bits of pages, of which only those within
 * 512 MiB were converted.
 *
 * @see The .xz File Format §5.3.2 (BCJ filters)
 */
export function undoArm64(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const code = view.getUint32(at, true);
    const address = (start + at) >>> 0;
    if (code >>> 26 === 0x25) {
      view.setUint32(at, 0x94000000 | ((code - (address >>> 2)) & 0x03ffffff), true);
    } else if ((code & 0x9f000000) >>> 0 === 0x90000000) {
      const absolute = ((code >>> 29) & 3) | ((code >>> 3) & 0x1ffffc);
      if (((absolute + 0x20000) & 0x1c0000) !== 0) continue;
      const pages = absolute - (address >>> 12);
      const sign = -(pages & 0x20000) & 0xe00000;
      view.setUint32(at, (code & 0x9000001f) | ((pages & 3) << 29) | ((pages & 0x3fffc) << 3) | sign, true);
    }
  }
}
