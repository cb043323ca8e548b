import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkChanges, compareInputs, comparePackages } from '../../src/attest/compare-locks.ts';
import { computeSettingsDigest, parseLock, renderLock } from '../../src/attest/lock.ts';
import { verifyLock, verifyLockedConfig } from '../../src/attest/verify-lock.ts';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { MapeImageError } from '../../src/errors.ts';
import { createTempDir } from '../io/ports.ts';
import { config, facts, makeLock, makePackage, PACKAGES, PREFIX, withPackages } from './sample.ts';

const lock = makeLock();
const text = renderLock(lock);

function thrownBy(run: () => unknown): MapeImageError {
  try {
    run();
  } catch (error) {
    if (error instanceof MapeImageError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a lock', () => {
  it('comes back as it was written', () => {
    expect(parseLock(text, 'lock.json')).toEqual(lock);
  });

  it('is JSON with a line for each package, sorted by name', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('    {"name"'));
    expect(rows.map((row) => JSON.parse(row.replace(/,$/, '')).name)).toEqual(
      PACKAGES.map(({ name }) => name).sort(),
    );
    expect(JSON.parse(text)).toMatchObject({
      schema: 'mape-image/lock@1',
      release: '24.10.8',
      versionCode: 'r28959-29397011cc',
      imagebuilder: {
        sha256: '29cc9bb6489af980fa7fd25873ae8605229d05343a3f0c107d924fefc87b6a3f',
        keyId: 'd310c6f2833e97f7',
      },
    });
  });

  it.each<[string, Partial<ResolvedConfig>]>([
    ['the prefix', { prefix: '2400:4151:8000:1234::/64' }],
    ['the name', { hostname: 'another-house' }],
    ['a password', { rootPasswordHash: '$6$another' }],
    ['a key', { ssh: { authorizedKeys: ['ssh-ed25519 AAAA me'], passwordLogin: undefined } }],
    ['a file', { files: [{ path: '/etc/motd', mode: 0o644, content: new Uint8Array([1]) }] }],
  ])('does not depend on what tells whose it is: %s', (_name, change) => {
    expect(renderLock(makeLock({ config: change }))).toBe(text);
    expect(text).not.toContain(PREFIX.slice(0, 10));
    expect(text).not.toContain('yamada');
  });

  it('says where nobody knows the file of a package', () => {
    const found = makeLock({ facts: { packageFiles: PACKAGES.slice(1) } });
    expect(found.packages.find(({ name }) => name === 'base-files')).toEqual({
      name: 'base-files',
      version: '1665~5a3b1e2410',
      file: null,
      sha256: null,
      sizeBytes: null,
    });
    expect(parseLock(renderLock(found), 'lock.json')).toEqual(found);
  });

  it('a month later is told apart by diff, package by package', () => {
    const dir = createTempDir();
    const later = makeLock({
      facts: withPackages({ busybox: makePackage('busybox', '1.36.1-r3'), map: undefined }),
    });
    writeFileSync(join(dir, 'a'), text);
    writeFileSync(join(dir, 'b'), renderLock(later));
    const changed = execFileSync('sh', ['-c', 'diff a b || test $? = 1'], { cwd: dir, encoding: 'utf8' })
      .split('\n')
      .filter((line) => /^[<>]/.test(line));
    // map is the last one, so the comma before it goes too.
    expect(changed.map((line) => /"name":"([^"]+)","version":"([^"]+)"/.exec(line)?.slice(1, 3))).toEqual([
      ['busybox', '1.36.1-r2'],
      ['busybox', '1.36.1-r3'],
      ['luci', '26.167.80096~2df00de'],
      ['map', '7'],
      ['luci', '26.167.80096~2df00de'],
    ]);
  });
});

describe('parseLock', () => {
  const change = (edit: (value: Record<string, unknown>) => void): string => {
    const value = JSON.parse(text);
    edit(value);
    return JSON.stringify(value);
  };
  const settings = { ...lock.config.settings, add: ['other'] };

  it.each([
    ['text that is no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['another document', '{"schema":"mape-image/plan@1"}'],
    ['a member nobody knows', change((value) => Object.assign(value, { extra: 1 }))],
    ['a missing member', change((value) => delete value.target)],
    [
      'a digest that is none',
      change((value) => Object.assign(value.imagebuilder ?? {}, { sha256: 'A'.repeat(64) })),
    ],
    ['settings edited by hand', change((value) => Object.assign(value.config ?? {}, { settings }))],
    ['a package twice', change((value) => Object.assign(value, { packages: [PACKAGES[0], PACKAGES[0]] }))],
    [
      'packages out of order',
      change((value) => Object.assign(value, { packages: [...lock.packages].reverse() })),
    ],
    [
      'more packages than there are',
      change((value) => Object.assign(value, { packages: Array(30_000).fill({}) })),
    ],
  ])('refuses %s', (_name, content) => {
    expect(thrownBy(() => parseLock(content, 'lock.json')).code).toBe('LOCK_INVALID');
  });

  it('accepts edited settings with their own digest: it is no signature', () => {
    const edited = change((value) =>
      Object.assign(value, { config: { settings, sha256: computeSettingsDigest(settings) } }),
    );
    expect(parseLock(edited, 'lock.json').config.settings.add).toEqual(['other']);
  });

  it('ends with its own error or a lock, whatever stands there', () => {
    const damaged = fc.oneof(
      fc.nat(text.length).map((end) => text.slice(0, end)),
      fc
        .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
        .map(([at, insert]) => text.slice(0, at) + insert + text.slice(at + 1)),
      fc.string(),
      fc.json(),
    );
    fc.assert(
      fc.property(damaged, (content) => {
        try {
          parseLock(content, 'lock.json');
        } catch (error) {
          if (!(error instanceof MapeImageError)) throw error;
          expect(error.code).toBe('LOCK_INVALID');
        }
      }),
    );
  });

  it('is done with deep and long text at once', () => {
    const started = performance.now();
    for (const content of ['['.repeat(100_000), `"${'x'.repeat(9_000_000)}"`])
      expect(thrownBy(() => parseLock(content, 'lock.json')).code).toBe('LOCK_INVALID');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('comparing locks', () => {
  const compare = (changes: Parameters<typeof withPackages>[0]) =>
    comparePackages(lock, makeLock({ facts: withPackages(changes) })).map(({ name, kind }) => [name, kind]);

  it.each([
    ['a newer revision', 'busybox', makePackage('busybox', '1.36.1-r3'), 'upgraded'],
    ['an older revision', 'busybox', makePackage('busybox', '1.36.1-r1'), 'downgraded'],
    ['an older version with a larger hash', 'luci', makePackage('luci', '26.166.1~ffffffff'), 'downgraded'],
    ['another commit of the same day', 'luci', makePackage('luci', '26.167.80096~1ab00de'), 'changed'],
    ['a package that is gone', 'map', undefined, 'removed'],
    ['a package that is new', 'zlib', makePackage('zlib', '1.3.1-r1'), 'added'],
    [
      'the same version in another file',
      'map',
      { ...makePackage('map', '7'), sha256: 'cd'.repeat(32) },
      'rebuilt',
    ],
  ])('%s', (_name, name, changed, kind) => {
    expect(compare({ [name]: changed })).toEqual([[name, kind]]);
  });

  it('10 is newer than 9', () => {
    const before = makeLock({ facts: withPackages({ map: makePackage('map', '9') }) });
    const after = makeLock({ facts: withPackages({ map: makePackage('map', '10') }) });
    expect(comparePackages(before, after)[0]?.kind).toBe('upgraded');
  });

  it('equal locks have no difference', () => {
    expect(compareInputs(lock, makeLock())).toEqual([]);
    expect(comparePackages(lock, makeLock())).toEqual([]);
  });

  it('names every input that differs', () => {
    const other = makeLock({
      programVersion: '0.2.0',
      facts: {
        imagebuilder: {
          version: '25.12.5',
          target: 'mediatek/filogic',
          revision: 'r1-0',
          packageManager: 'apk',
        },
        source: {
          ...facts.source,
          sha256: 'cd'.repeat(32),
          keyId: 'b5043e70f9a75cde',
          repositories: ['https://mirror.example/base'],
        },
      },
    });
    expect(compareInputs(lock, other).map(({ name }) => name)).toEqual([
      'program',
      'release',
      'target',
      'versionCode',
      'packageManager',
      'imagebuilder',
      'key',
      'repositories',
    ]);
  });

  it('a key that one of them does not know is no difference, for the digest is the same', () => {
    const unknown = makeLock({ facts: { source: { ...facts.source, keyId: undefined } } });
    expect(compareInputs(lock, unknown)).toEqual([]);
    expect(compareInputs(unknown, lock)).toEqual([]);
  });
});

describe('verifying against a lock', () => {
  it('refuses a lock of another configuration and names each setting', () => {
    const error = thrownBy(() =>
      verifyLockedConfig(
        lock,
        { ...config, release: '25.12', packages: { add: [], remove: ['ppp'] } },
        'lock.json',
      ),
    );
    expect(error.code).toBe('LOCK_OTHER_CONFIG');
    expect(error.kind).toBe('input');
    expect(error.findings.map(({ details }) => details?.setting)).toEqual(['release', 'packages.add']);
  });

  it('passes the settings it was made from, in whatever order they stand', () => {
    const packages = { add: ['luci', 'tcpdump'], remove: ['ppp'] };
    expect(() => verifyLockedConfig(lock, { ...config, packages }, 'lock.json')).not.toThrow();
  });

  it('fails on any difference and says what was wanted and found', () => {
    const found = makeLock({
      facts: withPackages({
        busybox: makePackage('busybox', '1.36.1-r3'),
        map: undefined,
        zlib: makePackage('zlib', '1.3.1-r1'),
      }),
    });
    const error = thrownBy(() => verifyLock(lock, found, 'all', 'lock.json'));
    expect(error.code).toBe('LOCK_DIFFERS');
    expect(error.kind).toBe('verification');
    expect(error.findings.map(({ code, details }) => [code, details?.package])).toEqual([
      ['LOCK_PACKAGE_OTHER', 'busybox'],
      ['LOCK_PACKAGE_MISSING', 'map'],
      ['LOCK_PACKAGE_EXTRA', 'zlib'],
    ]);
    expect(error.findings[0]?.details).toMatchObject({ wanted: '1.36.1-r2', found: '1.36.1-r3' });
  });

  it('shows the digests where the versions are the same', () => {
    const found = makeLock({
      facts: withPackages({ map: { ...makePackage('map', '7'), sha256: 'cd'.repeat(32) } }),
    });
    const [finding] = checkChanges([], comparePackages(lock, found));
    expect(finding?.details?.found).toContain('cd'.repeat(32));
  });

  it('before the build speaks of the inputs alone', () => {
    const empty = makeLock({ facts: { installed: new Map(), packageFiles: [] } });
    expect(() => verifyLock(lock, empty, 'inputs', 'lock.json')).not.toThrow();
    expect(thrownBy(() => verifyLock(lock, empty, 'all', 'lock.json')).code).toBe('LOCK_DIFFERS');
  });
});
