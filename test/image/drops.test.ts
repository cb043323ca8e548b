import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../src/image/contents/package-lists.ts';
import { computeDrops } from '../../src/image/weight/drops.ts';

const SIZES: Record<string, number> = {
  luci: 10,
  'luci-base': 300,
  ucode: 200,
  ppp: 100,
  uhttpd: 50,
  map: 70,
  tiny: 0,
};

function installed(
  name: string,
  depends: readonly string[],
  more: Partial<InstalledPackage> = {},
): InstalledPackage {
  return {
    name,
    version: '1',
    architecture: undefined,
    sizeBytes: undefined,
    depends,
    provides: [],
    essential: false,
    abiVersion: undefined,
    ...more,
  };
}

const packages = [
  installed('base-files', []),
  installed('firewall4', ['ucode']),
  installed('luci', ['luci-base', 'uhttpd', 'luci-proto-ppp']),
  installed('luci-base', ['ucode', 'libubox20240329 (>= 1)', 'rpcd>=2']),
  installed('luci-proto-ppp', ['ppp']),
  installed('libubox20240329', ['libc'], { abiVersion: '20240329', provides: ['libubox'] }),
  installed('libc', []),
  installed('map', ['libubox20240329']),
  installed('ppp', []),
  installed('rpcd', ['libubox20240329', '!odd']),
  installed('tiny', []),
  installed('ucode', ['libc']),
  installed('uhttpd', ['libc']),
];

const drops = (
  candidates: readonly string[],
  keep: readonly string[] = [],
  explicit: readonly string[] = [],
) =>
  computeDrops({
    packages,
    files: new Map(packages.map(({ name }) => [name, [`/${name}`, `/${name}.conf`]])),
    storedBytes: (path) => (path.endsWith('.conf') ? 0 : (SIZES[path.slice(1)] ?? 1)),
    keep,
    explicit,
    candidates,
  });

describe('computeDrops', () => {
  it('takes along what only the package pulls in, and leaves what others need', () => {
    expect(drops(['luci'])).toEqual([
      {
        name: 'luci',
        freesBytes: 10 + 300 + 1 + 100 + 1 + 50,
        alone: ['luci-base', 'luci-proto-ppp', 'ppp', 'rpcd', 'uhttpd'],
      },
    ]);
  });

  it('offers nothing that another package needs, that is kept, that is not there or that frees nothing', () => {
    expect(drops(['ppp', 'ucode', 'map', 'mystery', 'tiny'], ['map'])).toEqual([]);
  });

  it('keeps what has to be kept, though it came for the sake of what goes', () => {
    expect(drops(['luci'], ['ppp', 'uhttpd'])).toMatchObject([
      { alone: ['luci-base', 'luci-proto-ppp', 'rpcd'] },
    ]);
  });

  it('leaves what was asked for by itself', () => {
    expect(drops(['luci'], [], ['luci', 'ppp'])).toMatchObject([
      { alone: ['luci-base', 'luci-proto-ppp', 'rpcd', 'uhttpd'] },
    ]);
  });

  it('ranks by what is freed', () => {
    expect(drops(['map', 'luci', 'base-files']).map(({ name }) => name)).toEqual([
      'luci',
      'map',
      'base-files',
    ]);
  });

  it('knows a library by its name without the version of its ABI', () => {
    const alone = [installed('libz1', [], { abiVersion: '1' })];
    const input = { files: new Map([['libz1', ['/libz']]]), storedBytes: () => 5, keep: [], explicit: [] };
    expect(computeDrops({ ...input, packages: alone, candidates: ['libz'] })).toEqual([
      { name: 'libz', freesBytes: 5, alone: [] },
    ]);
  });

  it('what stays never needs what goes, whatever depends on what, in circles too', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const someDepends = fc.array(fc.subarray(names), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(someDepends, fc.subarray(names), fc.subarray(names), (depends, candidates, keep) => {
        const all = names.map((name, index) => installed(name, depends[index] ?? []));
        const files = new Map(names.map((name) => [name, [name]]));
        const input = { packages: all, files, storedBytes: () => 1, keep, explicit: [], candidates };
        for (const { name, alone, freesBytes } of computeDrops(input)) {
          const gone = new Set([name, ...alone]);
          expect(freesBytes).toBe(gone.size);
          expect(keep.some((kept) => gone.has(kept))).toBe(false);
          const staying = all.filter((entry) => !gone.has(entry.name));
          expect(staying.flatMap((entry) => entry.depends).some((needed) => gone.has(needed))).toBe(false);
        }
      }),
    );
  });
});
