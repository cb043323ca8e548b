import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { parseProfilesJson } from '../../src/release/profiles-json.ts';
import { fixturePath, readFixture } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

const C6 = 'tplink_archer-c6-v2';

describe('parseProfilesJson', () => {
  it.each(readdirSync(fixturePath('release/profiles')))('accepts %s', (name) => {
    const overview = parseProfilesJson(readFixture(`release/profiles/${name}`));
    expect(Object.keys(overview.profiles).length).toBeGreaterThan(0);
    expect(overview.source_date_epoch).toBeTypeOf('number');
  });

  it('reads the image of a real build of 24.10.4, signed by a key of its tree', () => {
    const overview = parseProfilesJson(readFixture('release/profiles/ib-24.10.4-archer-c6-v2.json'));
    expect(overview.profiles[C6]?.images.find(({ type }) => type === 'sysupgrade')).toEqual({
      type: 'sysupgrade',
      name: 'openwrt-24.10.4-ath79-generic-tplink_archer-c6-v2-squashfs-sysupgrade.bin',
      filesystem: 'squashfs',
      sha256: 'f233facb36889a10eb5012b71d62b350f844d2579732d24287c3928e4170606e',
      sha256_unsigned: '4db04b8d002b19bd5f472e902af5ba2b3be9d30a15b2785d6d082403257bd89e',
    });
  });

  it('reads size and size limits of 25.12.4', () => {
    const overview = parseProfilesJson(readFixture('release/profiles/ib-25.12.4-archer-c6-v2.json'));
    expect(overview.profiles[C6]?.file_size_limits).toEqual({ image: 7995392 });
    expect(overview.profiles[C6]?.images.map(({ size }) => size)).toEqual([7728306, 7733527]);
  });

  const good = JSON.parse(readFixture('release/profiles/ib-25.12.4-archer-c6-v2.json'));
  const withImage = (change: object) => {
    const [image] = good.profiles[C6].images;
    const profiles = { [C6]: { ...good.profiles[C6], images: [{ ...image, ...change }] } };
    return JSON.stringify({ ...good, profiles });
  };

  it.each([
    ['no JSON', '{'],
    ['another version of the format', JSON.stringify({ ...good, metadata_version: 2 })],
    ['no profiles', JSON.stringify({ ...good, profiles: undefined })],
    ['a digest of the wrong length', withImage({ sha256: 'abc' })],
    ['a file name with a path', withImage({ name: '../../etc/passwd' })],
    ['a file name that is hidden', withImage({ name: '.name' })],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseProfilesJson(text))).toBe('PROFILES_JSON_INVALID');
  });

  it('gives a result or a coded error for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseProfilesJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
    );
  });
});
