import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../src/device/errors.ts';
import { type ProfileNames, resolveProfileId } from '../../src/device/resolve-profile.ts';

/** As `make info` of ath79/generic lists them. */
const PROFILES: readonly ProfileNames[] = [
  {
    id: 'tplink_archer-c6-v2',
    title: 'TP-Link Archer C6 v2 (EU/RU/JP)',
    supportedDevices: ['tplink,archer-c6-v2'],
  },
  {
    id: 'tplink_archer-c6-v2-us',
    title: 'TP-Link Archer C6 v2 (US)',
    supportedDevices: ['tplink,archer-c6-v2-us'],
  },
  {
    id: 'tplink_archer-c7-v2',
    title: 'TP-Link Archer C7 v2',
    supportedDevices: ['tplink,archer-c7-v2', 'archer-c7'],
  },
  {
    id: 'tplink_archer-c7-v4',
    title: 'TP-Link Archer C7 v4',
    supportedDevices: ['tplink,archer-c7-v4', 'archer-c7'],
  },
  { id: '8dev_lima', title: '8devices Lima', supportedDevices: ['8dev,lima', 'lima'] },
];

function thrownBy(text: string): DeviceError {
  try {
    resolveProfileId(text, PROFILES);
  } catch (error) {
    if (error instanceof DeviceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('resolveProfileId', () => {
  it.each([
    ['the id', 'tplink_archer-c6-v2'],
    ['the id with blanks around', ' tplink_archer-c6-v2 '],
    ['the id behind DEVICE_', 'DEVICE_tplink_archer-c6-v2'],
    ['the board name', 'tplink,archer-c6-v2'],
    ['the title', 'TP-Link Archer C6 v2 (EU/RU/JP)'],
    ['the title in other case and blanks', 'tp-link archer  C6 V2 (eu/ru/jp)'],
  ])('takes %s', (_, text) => {
    expect(resolveProfileId(text, PROFILES)).toBe('tplink_archer-c6-v2');
  });

  it('takes an older board name that one profile has', () => {
    expect(resolveProfileId('lima', PROFILES)).toBe('8dev_lima');
  });

  it('asks where an older board name has several', () => {
    const error = thrownBy('archer-c7');
    expect([error.code, error.details.candidates]).toEqual([
      'PROFILE_AMBIGUOUS',
      ['tplink_archer-c7-v2', 'tplink_archer-c7-v4'],
    ]);
  });

  it.each([
    ['a slip of the finger', 'tplink_archer-c6-v3', 'tplink_archer-c6-v2'],
    ['hyphens for underscores', 'tplink-archer-c6-v2', 'tplink_archer-c6-v2'],
    ['a title without its region', 'TP-Link Archer C6 v2', 'tplink_archer-c6-v2'],
    ['a model alone', 'Archer C7', 'tplink_archer-c7-v2'],
  ])('suggests for %s', (_, text, near) => {
    const error = thrownBy(text);
    expect(error.code).toBe('PROFILE_UNKNOWN');
    expect(error.details.near).toContain(near);
  });

  it('suggests nothing for what resembles nothing', () => {
    expect(thrownBy('zzzzzzzzzzzzzzzz').details.near).toEqual([]);
  });

  it('gives an id of the list or a DeviceError, whatever the text', () => {
    const ids = PROFILES.map(({ id }) => id);
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(ids).toContain(resolveProfileId(text, PROFILES));
        } catch (error) {
          if (!(error instanceof DeviceError)) throw error;
        }
      }),
    );
  });
});
