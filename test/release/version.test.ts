import { describe, expect, it } from 'vitest';
import { parseSeries } from '../../src/release/version.ts';
import { codeOf } from './code-of.ts';

describe('parseSeries', () => {
  it.each([
    ['22.03.7', '22.03'],
    ['23.05.2', '23.05'],
    ['24.10.4', '24.10'],
    ['24.10.0-rc7', '24.10'],
    ['24.10.0-sample', '24.10'],
    ['24.10-SNAPSHOT', '24.10'],
    ['25.12.5', '25.12'],
    ['SNAPSHOT', 'snapshot'],
    ['snapshot', 'snapshot'],
  ])('%s is of %s', (version, series) => expect(parseSeries(version)).toBe(series));

  it.each([
    ['21.02.7', 'RELEASE_UNSUPPORTED'],
    ['19.07.10', 'RELEASE_UNSUPPORTED'],
    ['26.06.0', 'RELEASE_UNSUPPORTED'],
    ['', 'VERSION_INVALID'],
    ['v24.10.4', 'VERSION_INVALID'],
    ['24.10.4; id', 'VERSION_INVALID'],
    ['latest', 'VERSION_INVALID'],
  ])('refuses %j with %s', (version, code) => {
    expect(codeOf(() => parseSeries(version))).toBe(code);
  });
});
