import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { chooseRelease, listOtherNewest } from '../../src/release/choose-release.ts';
import {
  compareReleases,
  isReleaseName,
  parseReleaseWish,
  type ReleaseName,
} from '../../src/release/release-name.ts';
import type { Series } from '../../src/release/version.ts';
import { parseVersionsJson } from '../../src/release/versions.ts';
import { readFixture } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

/** The list of downloads.openwrt.org of 2026-08-22. */
const available = parseVersionsJson(readFixture('release/server/versions-2026-08-22.json'));
const choose = (wish: string | undefined, recommended?: Series, from = available) =>
  chooseRelease(wish === undefined ? undefined : parseReleaseWish(wish), from, recommended);
const names = (...texts: string[]): ReleaseName[] => texts.filter(isReleaseName);

describe('chooseRelease', () => {
  it.each([
    [undefined, undefined, '25.12.5'],
    [undefined, '24.10', '24.10.8'],
    [undefined, '23.05', '23.05.6'],
    ['24.10', undefined, '24.10.8'],
    ['24.10', '25.12', '24.10.8'],
    ['25.12', undefined, '25.12.5'],
    ['22.03', undefined, '22.03.7'],
    ['24.10.4', undefined, '24.10.4'],
    ['24.10.0', undefined, '24.10.0'],
    ['24.10.0-rc7', undefined, '24.10.0-rc7'],
    ['SNAPSHOT', undefined, 'SNAPSHOT'],
    ['snapshot', undefined, 'SNAPSHOT'],
    ['24.10-snapshot', undefined, '24.10-SNAPSHOT'],
  ] as const)('%j with %j recommended: %s', (wish, recommended, name) => {
    expect(choose(wish, recommended)).toBe(name);
  });

  it('takes the newest that is supported where the recommended series has none', () => {
    expect(choose(undefined, '24.10', names('23.05.6', '26.06.0', '25.12.0'))).toBe('25.12.0');
  });

  it('does not take a candidate for a release, in whatever order they come', () => {
    expect(choose('25.12', undefined, names('25.12.0-rc5', '25.12.0-rc10', '25.12.0', '25.12.1-rc1'))).toBe(
      '25.12.0',
    );
    expect(codeOf(() => choose('25.12', undefined, names('25.12.0-rc5')))).toBe('RELEASE_UNKNOWN');
  });

  it('counts numbers, not characters', () => {
    expect(choose('24.10', undefined, names('24.10.9', '24.10.10', '24.10.2'))).toBe('24.10.10');
  });

  it.each([
    ['24.10.9', 'RELEASE_UNKNOWN', '24.10.8'],
    ['24.10.0-rc9', 'RELEASE_UNKNOWN', '24.10.0-rc1'],
    ['25.12.50', 'RELEASE_UNKNOWN', '25.12.5'],
  ])('%s: %s, with %s near', (wish, code, near) => {
    let details: unknown[] = [];
    try {
      choose(wish);
    } catch (error) {
      if (!(error instanceof MapeImageError)) throw error;
      details = [error.code, ...Object.values(error.details).flat()];
    }
    expect(details[0]).toBe(code);
    expect(details).toContain(near);
  });

  it.each([
    ['21.02', 'RELEASE_UNSUPPORTED'],
    ['19.07.10', 'RELEASE_UNSUPPORTED'],
    ['26.06', 'RELEASE_UNSUPPORTED'],
    ['latest', 'VERSION_INVALID'],
    ['', 'VERSION_INVALID'],
    ['24.10.x', 'VERSION_INVALID'],
    ['24.10.4/../..', 'VERSION_INVALID'],
    ['v24.10.4', 'VERSION_INVALID'],
  ])('refuses the wish %j with %s', (wish, code) => {
    expect(codeOf(() => parseReleaseWish(wish))).toBe(code);
  });

  it('knows where else to look for a device: the newest of every other series', () => {
    const [chosen] = names('24.10.8');
    if (chosen === undefined) throw new Error('no release');
    expect(listOtherNewest(chosen, available)).toEqual(['25.12.5', '23.05.6', '22.03.7']);
  });
});

describe('compareReleases', () => {
  it('puts a list of all kinds in order', () => {
    const ordered = names(
      '23.05.6',
      '24.10.0-rc2',
      '24.10.0-rc10',
      '24.10.0',
      '24.10.1',
      '24.10-SNAPSHOT',
      '25.12.0',
      'SNAPSHOT',
    );
    expect(ordered).toHaveLength(8);
    expect(ordered.toReversed().sort(compareReleases)).toEqual(ordered);
  });

  it('is an order: of two different releases one is older', () => {
    const release = fc.constantFrom(...available);
    fc.assert(
      fc.property(release, release, (a, b) => {
        expect(Math.sign(compareReleases(a, b))).toBe(-Math.sign(compareReleases(b, a)) + 0);
        expect(compareReleases(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
