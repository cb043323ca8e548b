/**
 * What looks like machine code to a branch filter, and packs better with it: calls from everywhere to few places, which a
 * filter turns into equal bytes.
 */
export function makeCode(machine: string, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 7;
  const next = (limit: number): number => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  for (let at = 0; at + 16 <= size; at += 16) {
    bytes.writeUInt32LE(next(16) * 0x01010101, at);
    const target = next(8) * 0x1230;
    const write = CALL[machine];
    if (write === undefined) throw new Error(`no call of ${machine}`);
    write(bytes, at + (machine === 'ia64' ? 0 : 4), target);
  }
  return bytes;
}

const CALL: Readonly<Record<string, (bytes: Buffer, at: number, target: number) => void>> = {
  x86(bytes, at, target) {
    bytes[at] = 0xe8;
    bytes.writeInt32LE(target - (at + 5), at + 1);
  },
  powerpc(bytes, at, target) {
    bytes.writeUInt32BE((0x48000001 | ((target - at) & 0x03fffffc)) >>> 0, at);
  },
  arm(bytes, at, target) {
    bytes.writeUInt32LE((0xeb000000 | (((target - (at + 8)) >> 2) & 0xffffff)) >>> 0, at);
  },
  armthumb(bytes, at, target) {
    const halfWords = (target - (at + 4)) >> 1;
    bytes.writeUInt16LE(0xf000 | ((halfWords >> 11) & 0x7ff), at);
    bytes.writeUInt16LE(0xf800 | (halfWords & 0x7ff), at + 2);
  },
  arm64(bytes, at, target) {
    const pages = (target >> 12) - (at >> 12);
    const isBranch = at % 32 < 16;
    const branch = 0x94000000 | (((target - at) >> 2) & 0x03ffffff);
    const adrp = 0x90000003 | ((pages & 3) << 29) | (((pages >> 2) & 0x7ffff) << 5);
    bytes.writeUInt32LE((isBranch ? branch : adrp) >>> 0, at);
  },
  sparc(bytes, at, target) {
    bytes.writeUInt32BE((0x40000000 | (((target - at) >> 2) & 0x3fffffff)) >>> 0, at);
  },
  ia64(bytes, at, target) {
    // Template MIB: the branch is in the last slot, from bit 87 on; opcode 5 (br.call), its operand in bundles.
    const bundles = BigInt.asUintN(21, BigInt((target - at) >> 4));
    const code = (5n << 37n) | ((bundles & 0xfffffn) << 13n) | ((bundles >> 20n) << 36n);
    bytes.writeBigUInt64LE(0x10n, at);
    bytes.writeBigUInt64LE(code << 23n, at + 8);
  },
};
