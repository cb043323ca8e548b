import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { findProfile, verifyTarget } from '../../src/release/find-profile.ts';
import { type ListedProfile, parseOverviewJson, parseTargetProfiles } from '../../src/release/overview.ts';
import { parseImageBuilderRecord } from '../../src/release/record.ts';
import { isReleaseName } from '../../src/release/release-name.ts';
import { isTargetName, parseTargetName } from '../../src/release/target.ts';
import { parseTargetsJson } from '../../src/release/targets.ts';
import { parseVersionsJson } from '../../src/release/versions.ts';
import { readFixture } from '../support/fixtures.ts';
import { codeOf } from './code-of.ts';

const overview = parseOverviewJson(readFixture('release/server/overview-23.05.4-excerpt.json'));

describe('parseVersionsJson', () => {
  it('reads a real list, each release once, newest and oldest', () => {
    const releases = parseVersionsJson(readFixture('release/server/versions-2026-08-22.json'));
    expect(releases[0]).toBe('25.12.5');
    expect(releases.at(-1)).toBe('17.01.1');
    expect(new Set(releases).size).toBe(releases.length);
  });

  it('takes an upcoming candidate, and passes over what is no release', () => {
    expect(parseVersionsJson(readFixture('release/server/versions-asu-test.json'))).toEqual([
      '22.03.7',
      '23.05.5',
      '24.10.0-rc6',
    ]);
  });

  it('passes over members it does not know', () => {
    expect(parseVersionsJson(readFixture('release/server/versions-firmware-selector-test.json'))).toEqual([
      '23.05.4',
      '19.07.10',
    ]);
  });
});

describe('parseOverviewJson', () => {
  it('joins vendor, model and variant, and keeps every title', () => {
    expect(overview.find(({ id }) => id === 'tplink_archer-c6-v2-us')).toEqual({
      id: 'tplink_archer-c6-v2-us',
      target: 'ath79/generic',
      titles: ['TP-Link Archer C6 v2 (US)', 'TP-Link Archer A6 v2 (US/TW)'],
    });
  });

  it('reads profiles.json of a target in the same way', () => {
    const [found] = parseTargetProfiles(
      readFixture('release/profiles/snapshot-2025-01-26-ath79-generic-1profile.json'),
    );
    expect(found).toEqual({
      id: '8dev_carambola2',
      target: 'ath79/generic',
      titles: ['8devices Carambola2'],
    });
  });
});

describe('parseTargetsJson', () => {
  it('reads a real list', () => {
    const targets = parseTargetsJson(readFixture('release/server/targets-23.05.5.json'));
    expect(targets.get(parseTargetName('ath79/generic'))).toBe('mips_24kc');
    expect(targets.size).toBe(75);
  });
});

describe('findProfile', () => {
  it.each([
    ['tplink_archer-c6-v2', 'tplink_archer-c6-v2', 'ath79/generic'],
    ['DEVICE_tplink_archer-c6-v2', 'tplink_archer-c6-v2', 'ath79/generic'],
    ['tplink,archer-c6-v2', 'tplink_archer-c6-v2', 'ath79/generic'],
    ['TP-Link Archer C6 v2 (EU/RU/JP)', 'tplink_archer-c6-v2', 'ath79/generic'],
    ['tp-link archer a6 v2 (us/tw)', 'tplink_archer-c6-v2-us', 'ath79/generic'],
    ['tplink_archer-c6-v3', 'tplink_archer-c6-v3', 'ramips/mt7621'],
  ])('%s is %s of %s', (text, id, target) => {
    expect(findProfile(text, overview)).toEqual({ id, target });
  });

  it('wants a target for an id that several have, and takes it', () => {
    expect(codeOf(() => findProfile('generic', overview))).toBe('TARGET_AMBIGUOUS');
    const target = parseTargetName('x86/64');
    expect(findProfile('generic', overview, target)).toEqual({ id: 'generic', target });
  });

  it('refuses a target that does not have the profile', () => {
    const run = () => findProfile('tplink_archer-c6-v2', overview, parseTargetName('ramips/mt7621'));
    expect(codeOf(run)).toBe('TARGET_WITHOUT_PROFILE');
  });

  it('names near profiles of all targets', () => {
    let near: unknown;
    try {
      findProfile('tplink_archer-c6-v4', overview);
    } catch (error) {
      near = error instanceof MapeImageError ? error.details.near : error;
    }
    expect(near).toEqual(expect.arrayContaining(['tplink_archer-c6-v2', 'tplink_archer-c6-v3']));
  });
});

describe('verifyTarget', () => {
  it('names near targets', () => {
    const targets = ['ath79/generic', 'ath79/nand', 'ramips/mt7621'].filter(isTargetName);
    const release = '24.10.8';
    if (!isReleaseName(release)) throw new Error(release);
    expect(verifyTarget(parseTargetName('ath79/nand'), targets, release)).toBe('ath79/nand');
    expect(codeOf(() => verifyTarget(parseTargetName('ath79/generc'), targets, release))).toBe(
      'TARGET_UNKNOWN',
    );
  });

  it.each(['ath79', 'ath79/', 'ath79/generic/x', '../etc', 'a/..', 'ath79/gen eric', '', 'ATH79/generic'])(
    'a target is not %j',
    (text) => expect(codeOf(() => parseTargetName(text))).toBe('TARGET_INVALID'),
  );
});

const PARSERS: readonly (readonly [string, (text: string) => unknown, string, string])[] = [
  [
    'versions',
    parseVersionsJson,
    'RELEASE_INDEX_INVALID',
    '{"stable_version":"24.10.8","versions_list":["24.10.8"]}',
  ],
  [
    'overview',
    parseOverviewJson,
    'RELEASE_INDEX_INVALID',
    '{"profiles":[{"id":"a_b","target":"x/y","titles":[{"vendor":"V","model":"M"}]}]}',
  ],
  ['targets', parseTargetsJson, 'RELEASE_INDEX_INVALID', '{"ath79/generic":"mips_24kc"}'],
  [
    'profiles',
    parseTargetProfiles,
    'RELEASE_INDEX_INVALID',
    '{"target":"x/y","profiles":{"a_b":{"titles":[]}}}',
  ],
  [
    'record',
    parseImageBuilderRecord,
    'CACHE_RECORD_INVALID',
    `{"schema":"mape-image/imagebuilder@1","release":"24.10.8","target":"ath79/generic","revision":null,"name":"n","sha256":"${'a'.repeat(64)}","sizeBytes":1,"sums":"${'b'.repeat(64)}","signature":"${'c'.repeat(64)}","keyId":"d310c6f2833e97f7","url":"https://x","profiles":[]}`,
  ],
];

describe.each(PARSERS)('parser of %s', (_name, parse, code, valid) => {
  it('takes what it should', () => expect(codeOf(() => parse(valid))).toBe('none'));

  it.each(['', 'null', '[]', '0', '{"a":', '<html>', '"x"', `[${'['.repeat(50_000)}`])(
    'refuses %.20j',
    (text) => {
      expect(codeOf(() => parse(text))).toBe(code);
    },
  );

  it('gives only its own error for any JSON, and for a right text cut or changed anywhere', () => {
    const changed = fc
      .tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 5 }), fc.string({ maxLength: 5 }))
      .map(([position, cut, text]) => valid.slice(0, position) + text + valid.slice(position + cut));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), changed), (text) => {
        expect(['none', code]).toContain(codeOf(() => parse(text)));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses members that JavaScript itself has a meaning for, without harm', () => {
    codeOf(() => parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":1}}}'));
    expect('polluted' in {}).toBe(false);
  });
});

describe('ListedProfile', () => {
  it('without a title goes by its id', () => {
    const profiles: ListedProfile[] = [{ id: 'a_b', target: parseTargetName('x86/64'), titles: [] }];
    expect(findProfile('a_b', profiles).id).toBe('a_b');
  });
});
