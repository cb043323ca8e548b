/** Numbers from 0 to 2^32 - 1, the same for the same seed. */
export type Random = () => number;

/**
 * A generator of the xorshift family with 32 bits of state.
 *
 * @see George Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003), §3.1
 */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0 || 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** Where sizes, counts and offsets go wrong. */
const EDGES = [
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];

type Change = (bytes: Buffer, random: Random) => Buffer;

const below = (random: Random, limit: number): number => (limit <= 0 ? 0 : random() % limit);

const CHANGES: readonly Change[] = [
  function flipBit(bytes, random) {
    const at = below(random, bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(random, 8)), at);
    return bytes;
  },
  function setByte(bytes, random) {
    bytes.writeUInt8(below(random, 256), below(random, bytes.length));
    return bytes;
  },
  function setEdge(bytes, random) {
    const width = [1, 2, 4][below(random, 3)] ?? 1;
    if (bytes.length < width) return bytes;
    const value = (EDGES[below(random, EDGES.length)] ?? 0) % 2 ** (8 * width);
    const at = below(random, bytes.length - width + 1);
    if (random() % 2 === 0) bytes.writeUIntLE(value, at, width);
    else bytes.writeUIntBE(value, at, width);
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function remove(bytes, random) {
    const from = below(random, bytes.length);
    const to = from + below(random, Math.min(64, bytes.length - from));
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, random) {
    const from = below(random, bytes.length);
    const part = bytes.subarray(from, from + below(random, 64));
    return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from + part.length)]);
  },
  function move(bytes, random) {
    const length = below(random, Math.min(64, bytes.length));
    const from = below(random, bytes.length - length);
    bytes.copy(bytes, below(random, bytes.length - length), from, from + length);
    return bytes;
  },
  function fill(bytes, random) {
    const from = below(random, bytes.length);
    const to = Math.min(bytes.length, from + below(random, 256));
    return bytes.fill(random() % 2 === 0 ? 0 : 0xff, from, to);
  },
];

/** Other bytes than these, by one to four changes. */
export function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes: Buffer = Buffer.from(seed);
  for (let left = 1 + below(random, 4); left > 0 && bytes.length > 0; left--) {
    const change = CHANGES[below(random, CHANGES.length)];
    if (change !== undefined) bytes = change(bytes, random);
  }
  return bytes;
}
