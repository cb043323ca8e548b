/** Undo the filter of big-endian PowerPC code in place: `bl` with 24 bits of words. */
export function undoPowerPc(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const code = view.getUint32(at);
    if ((code & 0xfc000003) >>> 0 !== 0x48000001) continue;
    view.setUint32(at, 0x48000001 | ((code - (start + at)) & 0x03fffffc));
  }
}

/** Undo the filter of SPARC code in place: `call` with 30 bits of words, of which those within 8 MiB were converted. */
export function undoSparc(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const code = view.getUint32(at);
    // The opcode is 01; the upper 8 bits of the operand and its bit 22 are all alike.
    const upper = code >>> 22;
    if (upper !== 0x100 && upper !== 0x1ff) continue;
    const words = ((code << 2) - (start + at)) >>> 2;
    const sign = (words & 0x400000) === 0 ? 0 : 0x3fc00000;
    view.setUint32(at, 0x40000000 | sign | (words & 0x3fffff));
  }
}

/** By the template of a bundle: a bit for each of its three slots that holds a branch. */
const BRANCHES: readonly number[] = [
  ...Array.from({ length: 16 }, () => 0),
  ...[4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0],
];

/**
 * Undo the filter of IA-64 code in place: bundles of 16 bytes with a template of 5 bits and three slots of 41 bits; the
 * operand of a branch is 20 bits from bit 13 on and its sign at bit 36, in bundles.
 *
 * @see Linux lib/xz/xz_dec_bcj.c (bcj_ia64)
 */
export function undoIa64(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 16 <= bytes.byteLength; at += 16) {
    const branches = BRANCHES[(bytes[at] ?? 0) & 0x1f] ?? 0;
    for (let slot = 0; slot < 3; slot++) {
      if (((branches >>> slot) & 1) === 0) continue;
      const firstBit = 5 + 41 * slot;
      // Eight bytes from here would leave the bundle in the last slot, the eight that end with it do not.
      const wordAt = Math.min(firstBit >>> 3, 8);
      const shift = BigInt(firstBit - 8 * wordAt);
      const word = view.getBigUint64(at + wordAt, true);
      const code = word >> shift;
      if (((code >> 37n) & 15n) !== 5n || ((code >> 9n) & 7n) !== 0n) continue;
      const absolute = Number((code >> 13n) & 0xfffffn) | (Number((code >> 36n) & 1n) << 20);
      const bundles = BigInt((absolute - ((start + at) >>> 4)) & 0x1fffff);
      const operand = ((bundles & 0xfffffn) << 13n) | ((bundles >> 20n) << 36n);
      const kept = word & ~(0x8fffffn << (13n + shift));
      view.setBigUint64(at + wordAt, kept | (operand << shift), true);
    }
  }
}
