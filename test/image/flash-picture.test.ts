import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeFlashPieces,
  type FlashLabels,
  type FlashPiece,
  renderFlashText,
  shareOut,
} from '../../src/image/flash-picture.ts';
import { renderFlashSvg } from '../../src/image/flash-picture-svg.ts';

/** The firmware's partition of an Archer C6 v2. */
const ARCHER = { offsetBytes: 0x30000, sizeBytes: 0x7a0000, eraseBlockBytes: 0x10000 } as const;
const EN: FlashLabels = {
  title: 'Flash',
  use: { kernel: 'kernel', rootfs: 'root file system', padding: 'padding', writable: 'writable' },
};
const JA: FlashLabels = {
  title: 'フラッシュ',
  use: { kernel: 'カーネル', rootfs: 'ルートファイルシステム', padding: '余白', writable: '書き込み可能' },
};

const writable = (pieces: readonly FlashPiece[]): number =>
  pieces.find(({ use }) => use === 'writable')?.sizeBytes ?? 0;

describe('computeFlashPieces', () => {
  it.each([
    ['23.05.2 without LuCI', 2_329_704, 3_521_924, 2048],
    ['24.10.4 with LuCI and more', 2_618_359, 4_902_020, 448],
    ['25.12.4 with the same', 2_739_039, 4_975_640, 256],
    ['the largest that safeloader accepts', 2_739_039, 7_798_784 - 2_739_039, 192],
  ])('%s leaves what was measured', (_, kernelBytes, rootfsBytes, kib) => {
    const pieces = computeFlashPieces({ kernelBytes, rootfsBytes }, ARCHER);
    expect(writable(pieces)).toBe(kib * 1024);
  });

  it('fills the partition exactly, or holds what does not fit', () => {
    fc.assert(
      fc.property(fc.nat(9_000_000), fc.nat(9_000_000), (kernelBytes, rootfsBytes) => {
        const pieces = computeFlashPieces({ kernelBytes, rootfsBytes }, ARCHER);
        const total = pieces.reduce((all, { sizeBytes }) => all + sizeBytes, 0);
        expect(total).toBe(Math.max(ARCHER.sizeBytes, kernelBytes + rootfsBytes));
        expect(writable(pieces) % ARCHER.eraseBlockBytes).toBe(0);
      }),
      { seed: 7 },
    );
  });
});

describe('renderFlashText', () => {
  const pieces = computeFlashPieces({ kernelBytes: 2_329_704, rootfsBytes: 3_521_924 }, ARCHER);

  it('draws with ASCII', () => {
    expect(renderFlashText(pieces, EN, { columns: 42, unicode: false })).toEqual([
      'Flash',
      '[###########==================-..........]',
      ' # kernel 2275.1 KiB',
      ' = root file system 3439.4 KiB',
      ' - padding 45.5 KiB',
      ' . writable 2048 KiB',
    ]);
  });

  it('draws in Japanese with block signs', () => {
    expect(renderFlashText(pieces, JA, { columns: 22, unicode: true }).slice(0, 3)).toEqual([
      'フラッシュ',
      '▕█████▓▓▓▓▓▓▓▓▓░·····▏',
      ' █ カーネル 2275.1 KiB',
    ]);
  });

  it('has the width asked for, and each piece in it', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1e8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 10, max: 200 }), (list, total) => {
        const shares = shareOut(list, total);
        expect(shares.reduce((all, share) => all + share, 0)).toBe(total);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
      }),
      { seed: 7 },
    );
  });

  it('draws nothing of nothing', () => {
    expect(renderFlashText([], EN, { columns: 10, unicode: false })).toEqual(['Flash', '[]']);
  });
});

describe('renderFlashSvg', () => {
  it('has a title, a description, and a piece for each use', () => {
    const svg = renderFlashSvg(computeFlashPieces({ kernelBytes: 1e6, rootfsBytes: 2e6 }, ARCHER), JA);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img"/);
    expect(svg).toContain('<title id="flash-title">フラッシュ</title>');
    expect(svg.match(/<rect x="\d+" y="40"/g)).toHaveLength(4);
    expect(svg).not.toContain('NaN');
  });

  it('lets no label break out', () => {
    const svg = renderFlashSvg([{ use: 'kernel', sizeBytes: 1 }], {
      ...EN,
      title: '</title><script>"&\u0000',
    });
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;/title&gt;&lt;script&gt;&quot;&amp;</title>');
  });
});
