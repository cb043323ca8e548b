import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { computeCrc32, computeCrc32Here } from '../../src/image/crc32.ts';
import { ImageError } from '../../src/image/errors.ts';
import { parseFwtool, stripSignature } from '../../src/image/fwtool.ts';
import { fixturePath } from '../support/fixtures.ts';

const SIGNATURE = 0;
const METADATA = 1;

/** A chunk as fwtool writes it; zlib's crc32 is the oracle. */
function append(image: Uint8Array, type: number, payload: Uint8Array): Buffer {
  const trailer = Buffer.alloc(16);
  const before = Buffer.concat([image, payload]);
  trailer.write('FWx0', 'latin1');
  trailer.writeUInt32BE(~crc32(before) >>> 0, 4);
  trailer.writeUInt8(type, 8);
  trailer.writeUInt32BE(payload.byteLength + 16, 12);
  return Buffer.concat([before, trailer]);
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof ImageError ? error.code : String(error);
  }
}

const body = Buffer.alloc(1000, 0xff);
const withMetadata = append(body, METADATA, Buffer.from('{"a":1}\n'));
const signed = append(withMetadata, SIGNATURE, Buffer.from('untrusted comment\n'));

describe('parseFwtool', () => {
  it('finds metadata and signature in the order of the file', () => {
    const { bodyBytes, chunks } = parseFwtool(signed);
    expect(bodyBytes).toBe(1000);
    expect(chunks.map(({ type, payload }) => [type, Buffer.from(payload).toString()])).toEqual([
      ['metadata', '{"a":1}\n'],
      ['signature', 'untrusted comment\n'],
    ]);
  });

  it('finds nothing in an image without chunks', () => {
    expect(parseFwtool(body)).toEqual({ bodyBytes: 1000, chunks: [] });
    expect(parseFwtool(new Uint8Array())).toEqual({ bodyBytes: 0, chunks: [] });
  });

  it('reads the layout of chunks cut from a real image', () => {
    const info = readFileSync(fixturePath('image/info-chunk.bin'));
    const signature = readFileSync(fixturePath('image/signature-chunk.bin'));
    // The crc32 of the real trailers covers the whole image, which is too large to keep: they are made anew.
    const image = append(
      append(body, METADATA, info.subarray(0, -16)),
      SIGNATURE,
      signature.subarray(0, -16),
    );
    expect(image.subarray(-8)).toEqual(signature.subarray(-8));
    const { chunks } = parseFwtool(image);
    expect(chunks.map(({ type }) => type)).toEqual(['metadata', 'signature']);
    expect(JSON.parse(Buffer.from(chunks[0]?.payload.subarray(8) ?? []).toString())).toMatchObject({
      supported_devices: ['tplink,archer-c6-v2'],
    });
  });

  it.each([
    ['a flipped bit before a trailer', () => Buffer.from(signed).fill(0xfe, 5, 6), 'FWTOOL_BAD_CRC'],
    ['a size beyond the beginning', () => patch(signed, -4, 0x7fffffff), 'FWTOOL_BAD_SIZE'],
    ['a size smaller than the trailer', () => patch(signed, -4, 15), 'FWTOOL_BAD_SIZE'],
    ['a type that does not exist', () => append(body, 2, Buffer.from('x')), 'FWTOOL_BAD_TYPE'],
    ['more chunks than any image has', () => chain(9), 'FWTOOL_TOO_MANY'],
  ])('refuses %s', (_, image, code) => {
    expect(codeOf(() => parseFwtool(image()))).toBe(code);
  });
});

describe('stripSignature', () => {
  it.each([
    ['a signature behind the metadata', signed, withMetadata, true],
    ['two signatures', append(signed, SIGNATURE, Buffer.from('again')), withMetadata, true],
    ['metadata alone', withMetadata, withMetadata, false],
    ['no chunk', body, body, false],
  ])('%s', (_, image, bytes, stripped) => {
    const result = stripSignature(image);
    expect(Buffer.from(result.bytes).equals(bytes)).toBe(true);
    expect(result.stripped).toBe(stripped);
  });

  it('takes off exactly what was appended, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        (payload, signature) => {
          const unsigned = append(body, METADATA, payload);
          const { bytes } = stripSignature(append(unsigned, SIGNATURE, signature));
          expect(Buffer.from(bytes).equals(unsigned)).toBe(true);
        },
      ),
    );
  });
});

describe('hostile bytes', () => {
  it('give a result or a coded error, never anything else', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 4096 }),
      fc.nat(signed.length).map((length) => signed.subarray(0, length)),
      fc
        .tuple(fc.nat(signed.length - 1), fc.nat(255))
        .map(([at, value]) => Buffer.from(signed).fill(value, at, at + 1)),
      fc.tuple(fc.uint8Array({ maxLength: 64 }), fc.nat(0xffffffff), fc.nat(3)).map(([start, size, type]) => {
        const image = append(start, type, Buffer.alloc(0));
        image.writeUInt32BE(size, image.length - 4);
        return image;
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          expect(stripSignature(bytes).bytes.byteLength).toBeLessThanOrEqual(bytes.byteLength);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a chain of a million trailers is refused at once', () => {
    const trailers = Buffer.alloc(16 * 1_000_000);
    for (let at = 0; at < trailers.length; at += 16) {
      trailers.write('FWx0', at, 'latin1');
      trailers.writeUInt32BE(16, at + 12);
    }
    const startedMs = performance.now();
    expect(codeOf(() => parseFwtool(trailers))).toBe('FWTOOL_TOO_MANY');
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});

describe('computeCrc32', () => {
  it('agrees with zlib, in one piece and in two', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const whole = Buffer.concat([a, b]);
        expect(computeCrc32(whole)).toBe(crc32(whole));
        expect(computeCrc32(b, computeCrc32(a))).toBe(crc32(whole));
        expect(computeCrc32Here(b, computeCrc32Here(a, 0))).toBe(crc32(whole));
      }),
    );
  });
});

function patch(image: Uint8Array, at: number, value: number): Buffer {
  const copy = Buffer.from(image);
  copy.writeUInt32BE(value, copy.length + at);
  return copy;
}

function chain(count: number): Buffer {
  let image: Buffer = body;
  for (let index = 0; index < count; index++) image = append(image, SIGNATURE, Buffer.from([index]));
  return image;
}
