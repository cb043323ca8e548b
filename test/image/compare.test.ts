import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFiles } from '../../src/image/compare/files.ts';
import { type ComparedImage, compareImages } from '../../src/image/compare/images.ts';
import { comparePackages } from '../../src/image/compare/packages.ts';
import { computeTextDiff, type TextDiffInput } from '../../src/image/compare/text-diff.ts';
import { readContents } from '../../src/image/contents/contents.ts';
import type { InstalledPackage } from '../../src/image/contents/package-lists.ts';
import type { PackageList } from '../../src/image/contents/packages.ts';
import type { RootFilesystem } from '../../src/image/root-filesystem.ts';
import { lacksTools } from '../io/tools.ts';
import { serviceTable } from '../support/services.ts';
import { type Described, makeRoot } from './memory-root.ts';
import { buildRoot, planSample } from './planned-image.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const diff = (from: string, to: string, more: Partial<TextDiffInput> = {}) =>
  computeTextDiff({ path: '/etc/x', from: encode(from), to: encode(to), secret: false, ...more });

describe('comparePackages', () => {
  const list = (manager: 'opkg' | 'apk', ...entries: readonly string[]): PackageList => ({
    manager,
    path: '/x',
    packages: entries.map((entry): InstalledPackage => {
      const [name = '', version = '', abiVersion] = entry.split(' ');
      const blank = { architecture: undefined, sizeBytes: undefined, depends: [], provides: [] };
      return { ...blank, name, version, abiVersion, essential: false };
    }),
  });

  it.each([
    ['the same', 'opkg', ['a 1'], ['a 1'], []],
    ['added and removed', 'opkg', ['a 1', 'b 1'], ['b 1', 'c 2'], ['a removed', 'c added']],
    ['up and down', 'opkg', ['a 1.9-1', 'b 2'], ['a 1.10-1', 'b 1'], ['a upgraded', 'b downgraded']],
    [
      'by the rules of apk',
      'apk',
      ['a 1.0_rc1', 'b 1.0'],
      ['a 1.0', 'b 1.0_rc1'],
      ['a upgraded', 'b downgraded'],
    ],
    [
      'a library with another ABI',
      'apk',
      ['libubox20240329 1.0-r1 20240329'],
      ['libubox20260213 1.1-r1 20260213'],
      ['libubox upgraded'],
    ],
    [
      'two ABIs side by side',
      'apk',
      ['libx1 1 1'],
      ['libx1 1 1', 'libx2 2 2'],
      ['libx removed', 'libx1 added', 'libx2 added'],
    ],
    [
      'another commit of one day',
      'apk',
      ['a 2025.03.17~b6e51575-r2'],
      ['a 2025.03.17~a6e51575-r2'],
      ['a changed'],
    ],
    ['versions that are none', 'apk', ['a x'], ['a y'], ['a changed']],
  ] as const)('%s', (_, manager, from, to, expected) => {
    const changes = comparePackages(list(manager, ...from), list(manager, ...to));
    expect(changes.map(({ name, change }) => `${name} ${change}`)).toEqual(expected);
  });

  it('compares an image of opkg with one of apk', () => {
    const changes = comparePackages(list('opkg', 'dropbear 2024.86-r1'), list('apk', 'dropbear 2025.89-r1'));
    expect(changes).toEqual([{ name: 'dropbear', change: 'upgraded', from: '2024.86-r1', to: '2025.89-r1' }]);
  });
});

describe('compareFiles', () => {
  const compare = async (
    from: Readonly<Record<string, Described>>,
    to: Readonly<Record<string, Described>>,
    secretPaths: readonly string[] = [],
  ) =>
    (await compareFiles(makeRoot(from), makeRoot(to), new Set(secretPaths))).map((change) =>
      change.change === 'changed'
        ? [change.path, ...change.aspects, ...(change.diff === undefined ? [] : [change.diff.kind])].join(' ')
        : `${change.path} ${change.change}`,
    );

  it.each([
    ['nothing', { '/a': 'x' }, { '/a': 'x' }, []],
    ['a file more and one less', { '/a': 'x' }, { '/b': 'x' }, ['/a removed', '/b added']],
    ['a content', { '/a': 'x' }, { '/a': 'y' }, ['/a content text']],
    ['a mode', { '/a': { text: 'x', mode: 0o644 } }, { '/a': { text: 'x', mode: 0o755 } }, ['/a mode']],
    ['an owner', { '/a': { text: 'x' } }, { '/a': { text: 'x', uid: 5 } }, ['/a owner']],
    ['a link', { '/a': { link: 'x' } }, { '/a': { link: 'y' } }, ['/a target']],
    ['a file that became a link', { '/a': 'x' }, { '/a': { link: 'y' } }, ['/a type target']],
    ['a directory', { '/a': { directory: 0o755 } }, { '/a': { directory: 0o700 } }, ['/a mode']],
    ['a device', { '/a': { device: [1, 2] } }, { '/a': { device: [1, 3] } }, ['/a device']],
    ['a secret', { '/etc/shadow': 'x' }, { '/etc/shadow': 'y' }, ['/etc/shadow content secret']],
    [
      "a file that is root's alone",
      { '/a': { text: 'x', mode: 0o600 } },
      { '/a': { text: 'y', mode: 0o644 } },
      ['/a mode content secret'],
    ],
  ] as const)('finds %s', async (_, from, to, expected) => {
    expect(await compare(from, to)).toEqual(expected);
  });

  it('shows nothing of what a plan calls a secret', async () => {
    expect(await compare({ '/a': 'x' }, { '/a': 'y' }, ['/a'])).toEqual(['/a content secret']);
  });
});

describe('computeTextDiff', () => {
  it('shows changed lines with what stands around them', () => {
    expect(diff('1\n2\n3\n4\n5\n6\n', '1\n2\n3\n4\nV\n6\n')).toEqual({
      kind: 'text',
      patch: '--- a/etc/x\n+++ b/etc/x\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+V\n 6\n',
    });
  });

  it.each([
    ['a NUL', 'a\0', 'b', {}, 'binary'],
    ['long text', 'a\n'.repeat(40_000), 'b', {}, 'large'],
    ['text with nothing in common', '1\n'.repeat(5_000), '2\n'.repeat(5_000), {}, 'large'],
    ['the shadow file', 'a', 'b', { path: '/etc/shadow' }, 'secret'],
    ['the Wi-Fi', 'a', 'b', { path: '/etc/config/wireless' }, 'secret'],
    ['a host key', 'a', 'b', { path: '/etc/dropbear/dropbear_rsa_host_key' }, 'secret'],
    ['our secrets', 'a', 'b', { path: '/usr/share/mape-image/secret/own.uci' }, 'secret'],
    ['a password hash', 'a', 'echo root:$6$salt$hash', {}, 'secret'],
    ['a private key', 'a', '-----BEGIN OPENSSH PRIVATE KEY-----', {}, 'secret'],
    ['an option with a password', "option password 'x'", 'a', {}, 'secret'],
    ['a script that sets a Wi-Fi key', 'a', "uci set wireless.default_radio0.key='x'", {}, 'secret'],
    ['a script that sets a password', 'a', "uci set network.wan.password='x'", {}, 'secret'],
    [
      'whether passwords are taken at all',
      'a',
      "set dropbear.@dropbear[0].RootPasswordAuth='off'",
      {},
      'text',
    ],
    ['a script that speaks of secrets', 'a', 'ask for the password of the token', {}, 'text'],
    ['a word that only looks like one', 'a', 'keys are compared by passing them on', {}, 'text'],
    ['a public key of a package feed', 'a', 'b', { path: '/etc/apk/keys/x.pem' }, 'text'],
  ] as const)('judges %s', (_, from, to, more, kind) => {
    expect(diff(from, to, more).kind).toBe(kind);
  });

  it('takes bytes that are no UTF-8 for binary', () => {
    expect(diff('', '', { from: Uint8Array.of(0xff, 0xfe), to: encode('a') }).kind).toBe('binary');
  });

  it.skipIf(lacksTools('patch'))('makes what patch turns the one text into the other with', () => {
    const line = fc.constantFrom('a', 'b', 'c', '');
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
      .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
    const dir = mkdtempSync(join(tmpdir(), 'mape-image-diff-'));
    try {
      fc.assert(
        fc.property(text, text, (from, to) => {
          const made = diff(from, to);
          if (made.kind !== 'text' || from === to) return;
          writeFileSync(join(dir, 'x'), from);
          const run = spawnSync('patch', ['-s', '--no-backup-if-mismatch', join(dir, 'x')], {
            input: made.patch,
          });
          expect(run.status).toBe(0);
          // patch takes away a file that becomes empty
          expect(to === '' ? '' : readFileSync(join(dir, 'x'), 'utf8')).toBe(to);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('compareImages', () => {
  const image = async (rootfs: RootFilesystem, rootfsBytes: number): Promise<ComparedImage> => ({
    rootfs,
    contents: await readContents(rootfs, serviceTable),
    sizes: { image: rootfsBytes + 2_000_000, kernel: 2_000_000, rootfs: rootfsBytes, writable: undefined },
    secretPaths: new Set(),
  });

  it('finds nothing but sizes between an image and itself', async () => {
    const one = await image(buildRoot(planSample()), 5_000_000);
    expect(await compareImages(one, one)).toEqual({
      release: [],
      mape: [],
      packages: [],
      files: [],
      sizes: [
        { name: 'image', from: 7_000_000, to: 7_000_000 },
        { name: 'kernel', from: 2_000_000, to: 2_000_000 },
        { name: 'rootfs', from: 5_000_000, to: 5_000_000 },
        { name: 'writable', from: undefined, to: undefined },
      ],
    });
  });

  it('says what another host name, release and Wi-Fi key change, and not the key', async () => {
    const from = await image(buildRoot(planSample()), 5_000_000);
    const network = {
      ssid: 'home',
      key: 'battery staple',
      encryption: 'sae-mixed',
      band: 'all',
      hidden: false,
    } as const;
    const changed = planSample({ hostname: 'other', wifi: { country: 'JP', networks: [network] } });
    const release =
      "DISTRIB_RELEASE='24.10.5'\nDISTRIB_REVISION='r28959-29397011cc'\nDISTRIB_TARGET='ath79/generic'\nDISTRIB_ARCH='mips_24kc'\n";
    const to = await image(buildRoot(changed, { '/etc/openwrt_release': release }), 5_100_000);
    const differences = await compareImages(from, to);
    expect(differences.release).toEqual([{ name: 'version', from: '24.10.4', to: '24.10.5' }]);
    expect(differences.files.map(({ path }) => path)).toEqual([
      '/etc/openwrt_release',
      '/usr/share/mape-image/parts/10-system.uci',
      '/usr/share/mape-image/plan-id',
      '/usr/share/mape-image/secret/wifi',
    ]);
    expect(JSON.stringify(differences.files)).toContain('+set system.@system[0].hostname');
    expect(JSON.stringify(differences.files)).not.toMatch(/correct horse|battery staple/);
  });
});
