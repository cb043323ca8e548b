import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { parseMakeInfo } from '../../src/release/make-info.ts';
import { readFixture } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

const REAL = 'release/make-info-23.05.2-ath79-generic.txt';
const HEAD =
  'Current Target: "ath79/generic"\nCurrent Revision: "r1-abc"\nDefault Packages: a b\nAvailable Profiles:\n';

describe('parseMakeInfo', () => {
  it('reads the real output of 23.05.2', () => {
    const info = parseMakeInfo(readFixture(REAL));
    expect(info).toMatchObject({
      target: 'ath79/generic',
      architecture: 'mips',
      revision: 'r23630-842932a63d',
    });
    expect(info.defaultPackages).toHaveLength(32);
    expect(info.profiles).toHaveLength(356);
    expect(info.profiles.find(({ id }) => id === 'tplink_archer-c6-v2')).toEqual({
      id: 'tplink_archer-c6-v2',
      title: 'TP-Link Archer C6 v2 (EU/RU/JP)',
      otherTitles: [],
      packages: ['kmod-ath10k-ct', 'ath10k-firmware-qca9888-ct'],
      supportedDevices: ['tplink,archer-c6-v2'],
      hasImageMetadata: true,
    });
  });

  it('reads the real output of 19.07.7, which has no architecture and a profile without devices', () => {
    const info = parseMakeInfo(readFixture('release/make-info-19.07.7-ath79-generic.txt'));
    expect(info.architecture).toBeUndefined();
    expect(info.profiles[0]).toEqual({
      id: 'Default',
      title: 'Default Profile (all drivers)',
      otherTitles: [],
      packages: ['iwinfo'],
      supportedDevices: [],
      hasImageMetadata: false,
    });
  });

  it('takes several titles, empty fields and a title that looks like a field', () => {
    const text = `${HEAD}\na_b:\n    One\n    Two (v2)\n    Packages: \n    hasImageMetadata: \nc_d:\n    Packages: odd name\n    Packages: x\n`;
    expect(parseMakeInfo(text).profiles).toEqual([
      {
        id: 'a_b',
        title: 'One',
        otherTitles: ['Two (v2)'],
        packages: [],
        supportedDevices: [],
        hasImageMetadata: false,
      },
      {
        id: 'c_d',
        title: 'Packages: odd name',
        otherTitles: [],
        packages: ['x'],
        supportedDevices: [],
        hasImageMetadata: false,
      },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['other output before it', `WARNING: something\n${HEAD}`],
    ['no target', HEAD.replace(/^.*\n/, '')],
    ['a target that is no pair', HEAD.replace('ath79/generic', 'ath79')],
    ['a head line twice', HEAD.replace('Default', 'Current Revision: "r2"\nDefault')],
    ['a line outside of any profile', `${HEAD}\n    a title\n`],
    ['a field that is not known', `${HEAD}\na_b:\n    A\n    Packages: x\n    Colour: red\n`],
    ['a profile twice', `${HEAD}\na_b:\n    A\na_b:\n    A\n`],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseMakeInfo(text))).toBe('MAKE_INFO_INVALID');
  });

  it('gives a result or a coded error for any damage', () => {
    const real = readFixture(REAL).slice(0, 2000);
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.nat(real.length), fc.string())
        .map(([at, text]) => real.slice(0, at) + text + real.slice(at + 1)),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          parseMakeInfo(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
    );
  });
});
