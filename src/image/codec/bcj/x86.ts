/** By which of the three bytes before an opcode were opcodes themselves: may this one have been converted? */
const ALLOWED: readonly boolean[] = [true, true, true, false, true, false, false, false];
/** The same index: how many bytes back the nearest of them is that shares bytes with this operand. */
const NEAREST: readonly number[] = [0, 1, 2, 2, 3, 3, 3, 3];

/**
 * Undo the filter of x86 code in place: the absolute targets of CALL (e8) and JMP (e9) become relative again.
 *
 * Only operands whose top byte is 00 or ff were converted. Opcodes so near to one another that their operands overlap make
 * it ambiguous; `recent` has a bit for each of the three bytes before that was an opcode left as it was, and decides as the
 * encoder did.
 *
 * @param start the address of the first byte
 * @see Linux lib/xz/xz_dec_bcj.c (bcj_x86)
 */
export function undoX86(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let recent = 0;
  let last = -1;
  for (let at = 0; at + 4 < bytes.byteLength; at++) {
    if (((bytes[at] ?? 0) & 0xfe) !== 0xe8) continue;
    const distance = at - last;
    last = at;
    recent = distance > 3 ? 0 : (recent << (distance - 1)) & 7;
    const isDoubtful =
      recent !== 0 && (ALLOWED[recent] !== true || isSign(bytes[at + 4 - (NEAREST[recent] ?? 0)] ?? 0));
    if (isDoubtful || !isSign(bytes[at + 4] ?? 0)) {
      recent = (recent << 1) | 1;
      continue;
    }
    const target = relative(view.getUint32(at + 1, true), (start + at + 5) >>> 0, recent);
    // The operand has 25 bits and its sign.
    view.setInt32(at + 1, (target << 7) >> 7, true);
    at += 4;
    last = at;
    recent = 0;
  }
}

/** Subtract until the byte that overlaps the operand before is none that would have been converted too. */
function relative(absolute: number, address: number, recent: number): number {
  const bits = 8 * (NEAREST[recent] ?? 0);
  let from = absolute;
  for (;;) {
    const to = (from - address) >>> 0;
    if (recent === 0 || !isSign((to >>> (24 - bits)) & 0xff)) return to;
    from = (to ^ (2 ** (32 - bits) - 1)) >>> 0;
  }
}

function isSign(byte: number): boolean {
  return byte === 0 || byte === 0xff;
}
