import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeEdits, findNearest } from '../../src/bytes/nearest.ts';
import { parsePackageItem, parsePackageName } from '../../src/release/package-name.ts';
import { codeOf } from './code-of.ts';

describe('parsePackageName', () => {
  it.each(['luci', 'libstdcpp6', 'kmod-nf-nat6', 'gcc+', 'luci-i18n-base-ja', '6in4', 'libubox~2024.03'])(
    'accepts %s',
    (name) => expect(parsePackageName(name)).toBe(name),
  );

  it.each([
    ['map=7', 'PACKAGE_VERSION_PINNED'],
    ['libubox20240329=2024.03.29~eb9bcb64-r1', 'PACKAGE_VERSION_PINNED'],
    ['', 'PACKAGE_NAME_INVALID'],
    ['-map', 'PACKAGE_NAME_INVALID'],
    ['a b', 'PACKAGE_NAME_INVALID'],
    ['$(shell id)', 'PACKAGE_NAME_INVALID'],
    ['`id`', 'PACKAGE_NAME_INVALID'],
    ['x;id', 'PACKAGE_NAME_INVALID'],
    ['x"', 'PACKAGE_NAME_INVALID'],
    ['map\n', 'PACKAGE_NAME_INVALID'],
    ['x>=1', 'PACKAGE_NAME_INVALID'],
    ['パッケージ', 'PACKAGE_NAME_INVALID'],
  ])('refuses %j with %s', (name, code) => {
    expect(codeOf(() => parsePackageName(name))).toBe(code);
  });

  it('lets nothing through that make or sh would read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (codeOf(() => parsePackageName(text)) === 'none') expect(text).toMatch(/^[A-Za-z0-9_.+~-]+$/);
      }),
    );
  });
});

describe('parsePackageItem', () => {
  it.each([
    ['map', { name: 'map', remove: false }],
    ['-ppp', { name: 'ppp', remove: true }],
  ])('%s', (text, item) => expect(parsePackageItem(text)).toEqual(item));

  it.each(['--ppp', '-', '-a=1'])('refuses %s', (text) => {
    expect(codeOf(() => parsePackageItem(text))).not.toBe('none');
  });
});

describe('computeEdits', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['luci', 'lcui', 1],
    ['same', 'same', 0],
  ])('%j to %j is %i', (a, b, edits) => expect(computeEdits(a, b)).toBe(edits));

  it('is the same both ways, and zero for equal texts alone', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(computeEdits(a, b)).toBe(computeEdits(b, a));
        expect(computeEdits(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('findNearest', () => {
  const known = [
    'luci',
    'luci-ssl',
    'luci-app-firewall',
    'map',
    'mtd',
    'tplink_archer-c6-v2',
    'tplink_archer-c7-v2',
  ];
  it.each([
    ['lucy', ['luci']],
    ['luci-sll', ['luci-ssl']],
    ['tplink_archer-c6v2', ['tplink_archer-c6-v2', 'tplink_archer-c7-v2']],
    ['TPLINK_ARCHER-C6-V2', ['tplink_archer-c6-v2', 'tplink_archer-c7-v2']],
    ['archer-c6', ['tplink_archer-c6-v2']],
    ['entirely-different', []],
  ])('%s', (wanted, near) => expect(findNearest(wanted, known)).toEqual(near));
});
