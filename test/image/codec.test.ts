import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import type { Codec } from '../../src/image/codec/codec.ts';
import { computeCrc64 } from '../../src/image/codec/crc64.ts';
import { GZIP } from '../../src/image/codec/gzip.ts';
import { LZ4 } from '../../src/image/codec/lz4.ts';
import { loadLzma } from '../../src/image/codec/lzma.ts';
import { LZO } from '../../src/image/codec/lzo.ts';
import { loadXz } from '../../src/image/codec/xz.ts';
import { loadZstd } from '../../src/image/codec/zstd.ts';
import { lacksTools } from '../io/tools.ts';
import { makeCode } from './squashfs-code.ts';
import { makeNoise, makeText } from './squashfs-tree.ts';

const [LZMA, XZ, ZSTD] = await Promise.all([loadLzma(), loadXz(), loadZstd()]);
const noXz = lacksTools('xz');
const noZstd = lacksTools('zstd');
const text = makeText(100_000, 9);

function pipe(program: string, args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync(program, args, { input, maxBuffer: 2 ** 26, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Unpacks in both ways, which have to agree on the bytes, and on what has none: not on which of two errors it is. */
async function unpack(codec: Codec, bytes: Uint8Array, maxBytes = 2 ** 20): Promise<Buffer> {
  const packed = { bytes, offset: 0, maxBytes };
  const inThread = await outcomeOf(() => codec.unpack(packed));
  const atOnce = await outcomeOf(() => codec.unpackNow(packed));
  if (!Buffer.isBuffer(inThread)) {
    expect(atOnce).toBeInstanceOf(MapeImageError);
    throw inThread;
  }
  expect(Buffer.isBuffer(atOnce) && atOnce.equals(inThread)).toBe(true);
  return inThread;
}

async function outcomeOf(run: () => Uint8Array | Promise<Uint8Array>): Promise<unknown> {
  try {
    return Buffer.from(await run());
  } catch (error) {
    return error;
  }
}

/** Bytes in which opcodes stand so dense that their operands overlap. */
function makeDense(opcodes: readonly number[], size: number): Buffer {
  return Buffer.from(
    makeNoise(size, 77).map((byte, at) =>
      byte < 100 ? (opcodes[byte % opcodes.length] ?? 0) : at % 3 === 0 ? 0 : byte,
    ),
  );
}

const DENSE: Readonly<Record<string, Buffer>> = {
  x86: makeDense([0xe8, 0xe9, 0, 0xff, 0xe8], 60_001),
  powerpc: makeDense([0x48, 0x4b, 1], 60_002),
  arm: makeDense([0xeb], 60_003),
  armthumb: makeDense([0xf0, 0xf8, 0xf7, 0xff], 60_001),
  arm64: makeDense([0x94, 0x97, 0x90, 0xb0, 0xd0], 60_002),
  sparc: makeDense([0x40, 0x7f, 0xff], 60_003),
  ia64: makeDense([0x10, 0x12, 0x16, 0x1c, 0x50, 0x0a], 60_007),
};

describe.skipIf(noXz)('xz data are read as xz reads them', () => {
  it.each(['x86', 'powerpc', 'arm', 'armthumb', 'arm64', 'sparc', 'ia64'])(
    'on the filter of %s',
    async (name) => {
      for (const data of [
        makeCode(name, 50_000),
        DENSE[name] ?? text,
        text.subarray(0, 7),
        readFileSync(process.execPath).subarray(0x1000000, 0x1080000),
      ]) {
        const packed = pipe('xz', ['-c', `--${name}`, '--lzma2=dict=256KiB'], data);
        expect((await unpack(XZ, packed)).equals(data)).toBe(true);
      }
    },
  );

  it.each([
    ['no filter', []],
    ['delta', ['--delta=dist=1', '--lzma2']],
    ['delta of 256', ['--delta=dist=256', '--lzma2']],
    ['two filters', ['--delta=dist=4', '--x86', '--lzma2']],
    ['an address to start from', ['--arm=start=65536', '--lzma2']],
    ['crc64', ['-C', 'crc64']],
    ['sha256', ['-C', 'sha256']],
    ['no check', ['-C', 'none']],
    ['many blocks', ['--block-size=7777']],
    ['sizes in the headers of blocks', ['-T2', '--block-size=30000']],
    ['the lowest level', ['-0']],
    ['other properties', ['--lzma2=lc=0,lp=2,pb=0']],
  ])('%s', async (_, args) => {
    for (const data of [text, makeNoise(90_000, 4), Buffer.from('x')]) {
      const packed = pipe('xz', ['-c', '-C', 'crc32', ...args], data);
      expect((await unpack(XZ, packed)).equals(data)).toBe(true);
    }
  });

  it('nothing', async () => {
    expect(await unpack(XZ, pipe('xz', ['-c'], Buffer.alloc(0)))).toHaveLength(0);
  });

  it('but refuses a filter that it does not know', async () => {
    const packed = pipe('xz', ['-c', '--arm64', '--lzma2'], text);
    const at = packed.indexOf(Buffer.from([0x0a, 0, 0x21, 1]));
    packed[at] = 0x0c;
    // The header's crc32 guards it: zlib's is the oracle for a right one.
    const size = ((packed[12] ?? 0) + 1) * 4;
    packed.writeUInt32LE(crc32(packed.subarray(12, 12 + size - 4)), 12 + size - 4);
    await expect(unpack(XZ, packed)).rejects.toMatchObject({ code: 'CODEC_UNSUPPORTED' });
  });

  it('and refuses a byte more or less', async () => {
    const packed = pipe('xz', ['-c'], text);
    await expect(unpack(XZ, Buffer.concat([packed, Buffer.alloc(4)]))).rejects.toMatchObject({
      code: 'CODEC_DAMAGED',
    });
    await expect(unpack(XZ, packed.subarray(0, -1))).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' });
  });

  it('and lzma data as lzma does', async () => {
    const packed = pipe('xz', ['-c', '--format=lzma'], text);
    packed.writeBigUInt64LE(BigInt(text.length), 5);
    expect((await unpack(LZMA, packed)).equals(text)).toBe(true);
  });
});

describe.skipIf(noZstd)('zstd data are read as zstd reads them', () => {
  it('at every level', async () => {
    const data = readFileSync(process.execPath).subarray(0x800000, 0x840000);
    for (let level = 1; level <= 22; level++) {
      const packed = pipe('zstd', ['-c', '-q', '--ultra', `-${level}`, '-'], data);
      expect((await unpack(ZSTD, packed)).equals(data), `level ${level}`).toBe(true);
    }
  });
});

describe('gzip data', () => {
  it('are read as zlib reads them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 5000 }), async (data) => {
        expect((await unpack(GZIP, deflateSync(data), data.length)).equals(data)).toBe(true);
      }),
    );
  });
});

describe('computeCrc64', () => {
  it('gives the check value of its definition', () => {
    expect(computeCrc64(Buffer.from('123456789'))).toBe(0x995dc9bbdf1939fan);
  });
});

/** By hand: one literal, then a match one byte back that goes on and on. */
const LZ4_BOMB = Buffer.concat([
  Buffer.from([0x1f, 0x61, 1, 0]),
  Buffer.alloc(5000, 0xff),
  Buffer.from([0, 0]),
]);
const LZO_BOMB = Buffer.concat([
  Buffer.from([18, 0x61, 0x20]),
  Buffer.alloc(5000),
  Buffer.from([1, 0, 0, 0x11, 0, 0]),
]);

const ZEROS = Buffer.alloc(2 ** 20);
/** Data of each kind that unpack to a megabyte, and how they are refused where that is too much. */
const KINDS: [string, Codec, () => Buffer, string][] = [
  ['gzip', GZIP, () => deflateSync(ZEROS), 'CODEC_TOO_LARGE'],
  ['lz4', LZ4, () => LZ4_BOMB, 'CODEC_TOO_LARGE'],
  ['lzo', LZO, () => LZO_BOMB, 'CODEC_TOO_LARGE'],
  ['xz', XZ, () => pipe('xz', ['-c', '--x86', '--lzma2'], ZEROS), 'CODEC_TOO_LARGE'],
  ['lzma', LZMA, () => lzmaOf(ZEROS), 'CODEC_TOO_LARGE'],
  ['zstd', ZSTD, () => pipe('zstd', ['-c', '-q', '-'], ZEROS), 'CODEC_DAMAGED'],
];
const SAMPLES = KINDS.filter(([name]) => !(noXz && /^(xz|lzma)$/.test(name)) && !(noZstd && name === 'zstd'));

function lzmaOf(data: Buffer): Buffer {
  const packed = pipe('xz', ['-c', '--format=lzma'], data);
  packed.writeBigUInt64LE(BigInt(data.length), 5);
  return packed;
}

describe('hostile bytes', () => {
  it.each(SAMPLES)('%s that unpacks to too much is refused', async (_, codec, make, code) => {
    const bomb = make();
    await expect(unpack(codec, bomb, 8192)).rejects.toMatchObject({ code });
    expect((await unpack(codec, bomb, 2 ** 21)).length).toBeGreaterThanOrEqual(2 ** 20);
  });

  it.each(SAMPLES)('%s: cut, flipped and random bytes give only coded errors', async (_, codec, make) => {
    const whole = make();
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
      fc
        .array(fc.tuple(fc.nat(Math.min(whole.length, 400) - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
        .map((changes) => {
          const copy = Buffer.from(whole);
          for (const [at, value] of changes) copy[at] = value;
          return copy;
        }),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        try {
          expect((await unpack(codec, bytes, 8192)).length).toBeLessThanOrEqual(8192);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it.each(SAMPLES)('%s of nothing is refused', async (_, codec) => {
    await expect(unpack(codec, new Uint8Array())).rejects.toBeInstanceOf(MapeImageError);
  });
});
