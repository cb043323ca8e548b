import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { openImage } from '../../src/image/open-image.ts';
import { expectCovered, open } from './container-expect.ts';
import { makeContainerSamples } from './container-samples.ts';
import { squashfs } from './container-writers.ts';

const SEED = 20_240_601;
const rootfs = squashfs(500);
const samples = new Map<string, Buffer>();

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(await makeContainerSamples())) samples.set(name, bytes);
});

const NAMES = [
  'uimage',
  'safeloader',
  'factory',
  'tplink-v1',
  'tplink-v2',
  'fit',
  'fit-inside',
  'tar',
  'mbr',
  'gpt',
  'gzip',
  'ubi',
] as const;

/** A whole layout, or a coded error; never anything else. */
async function expectSane(bytes: Uint8Array): Promise<void> {
  try {
    const opened = await openImage(bytes, { maxUnpackedBytes: 4 * 1024 * 1024 });
    expectCovered(opened.parts, bytes.byteLength);
    if (opened.unpacked !== undefined) expectCovered(opened.unpacked.parts, opened.unpacked.sizeBytes);
    const { rootfs: found } = opened;
    if (found !== undefined) expect(found.bytes.byteLength).toBe(found.sizeBytes);
  } catch (error) {
    if (!(error instanceof MapeImageError)) throw error;
  }
}

const sample = (name: string): Buffer => samples.get(name) ?? Buffer.alloc(0);

describe.each(NAMES)('%s', (name) => {
  it('is opened as it is', async () => {
    await open(sample(name));
  });

  it('cut off at any byte gives a layout or a coded error', async () => {
    const image = sample(name);
    // Every byte of headers and tables; behind them, the middle of a blob is like any other.
    const step = Math.max(1, Math.floor(image.length / 1500));
    for (let length = 0; length < image.length; length += length < 1400 ? 1 : step)
      await expectSane(image.subarray(0, length));
  });

  it('with changed bytes gives a layout or a coded error', async () => {
    const image = sample(name);
    const change = fc.record({
      at: fc.oneof(fc.nat(Math.min(image.length, 1200) - 1), fc.nat(image.length - 1)),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc
          .constantFrom('ffffffff', '00000000', '7fffffff', '80000000', '0000ffff')
          .map((digits) => Buffer.from(digits, 'hex')),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const copy = Buffer.from(image);
        for (const { at, bytes } of changes) copy.set(bytes.subarray(0, copy.length - at), at);
        await expectSane(copy);
      }),
      { numRuns: 400, seed: SEED },
    );
  });
});

describe('bytes of nobody', () => {
  it('give a layout or a coded error', async () => {
    const starts = NAMES.map((name) => fc.nat(2000).map((length) => sample(name).subarray(0, length)));
    const bytes = fc
      .tuple(fc.oneof(fc.constant(Buffer.alloc(0)), ...starts), fc.uint8Array({ maxLength: 6000 }))
      .map((pieces) => Buffer.concat(pieces));
    await fc.assert(fc.asyncProperty(bytes, expectSane), { numRuns: 2000, seed: SEED });
  });

  it('with a mark at every fourth byte make no part of each', async () => {
    const marks = Buffer.concat([rootfs, Buffer.alloc(4 * 1024 * 1024).fill(Buffer.from('deadc0de', 'hex'))]);
    const startedMs = performance.now();
    const { parts } = await open(marks);
    expect(parts.length).toBeLessThan(100);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('with the magic of squashfs at every fourth byte are searched once', async () => {
    const marks = Buffer.alloc(8 * 1024 * 1024).fill('hsqs');
    const startedMs = performance.now();
    await expectSane(marks);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});
