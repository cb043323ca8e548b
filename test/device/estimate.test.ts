import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { selectDevicePackages } from '../../src/device/device.ts';
import { estimateContent } from '../../src/device/estimate.ts';
import { parseDevice } from '../../src/device/parse-device.ts';

const read = (id: string) =>
  parseDevice(parse(readFileSync(new URL(`../../profiles/devices/${id}.yaml`, import.meta.url), 'utf8')));
const c6 = read('tplink_archer-c6-v2');
const input = { packages: ['map', 'luci'], packageFileBytes: new Map<string, number>(), overlayBytes: 0 };
const exact = {
  ...c6,
  content: [
    { series: '24.10', bytes: { value: 7_000_000, source: 's' }, plusMinusBytes: 0, packages: ['luci'] },
  ],
  packageBytes: [{ name: 'map', bytes: { value: 100_000, source: 's' }, plusMinusBytes: 20_000 }],
};

describe('estimateContent', () => {
  it('adds what is not in the known image, with both uncertainties', () => {
    expect(estimateContent(exact, '24.10', input)).toMatchObject({
      lowBytes: 7_080_000,
      highBytes: 7_120_000,
      uncounted: [],
      // 0x7d0000 - ceil64K(0x30000 + content)
      fit: { low: { writableBytes: 0xd0000 }, high: { writableBytes: 0xd0000 } },
    });
  });

  it('counts a package file as no more than its own size, and names what it cannot count', () => {
    const found = estimateContent(exact, '24.10', {
      ...input,
      packages: ['map', 'luci', 'tcpdump-mini', 'mystery'],
      packageFileBytes: new Map([['tcpdump-mini', 100_000]]),
    });
    expect(found).toMatchObject({ lowBytes: 7_150_000, highBytes: 7_220_000, uncounted: ['mystery'] });
  });

  it('lets a removal lower the low end alone', () => {
    const packageFileBytes = new Map([['ppp', 50_000]]);
    const found = estimateContent(exact, '24.10', {
      ...input,
      packages: ['map', 'luci', '-ppp', '-mystery'],
      packageFileBytes,
    });
    expect(found).toMatchObject({ lowBytes: 7_030_000, highBytes: 7_120_000, uncounted: [] });
  });

  it('knows nothing of a series without a known image', () => {
    expect(estimateContent(exact, '25.12', input)).toBeUndefined();
    expect(estimateContent(read('_default'), '24.10', input)).toBeUndefined();
  });

  it('the low end is never above the high end', () => {
    const sizes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(1_000_000));
    const wanted = fc.array(fc.constantFrom('a', 'b', 'c', '-a', '-b', 'luci', 'map'));
    fc.assert(
      fc.property(sizes, wanted, fc.nat(100_000), (known, packages, overlayBytes) => {
        const packageFileBytes = new Map(Object.entries(known));
        const found = estimateContent(exact, '24.10', { packages, packageFileBytes, overlayBytes });
        expect(found?.lowBytes).toBeLessThanOrEqual(found?.highBytes ?? -1);
      }),
    );
  });

  it.each(['22.03', '24.10', '25.12'])(
    'the default packages of %s keep their settings by the estimate',
    (series) => {
      const items = selectDevicePackages(c6, series).map(({ name, removed }) =>
        removed ? `-${name}` : name,
      );
      const found = estimateContent(c6, series, {
        ...input,
        packages: ['map', ...items],
        overlayBytes: 50_000,
      });
      expect(found?.uncounted).toEqual([]);
      expect(found?.fit?.high.state).not.toBe('forgets-settings');
    },
  );
});
