import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPackageFiles } from '../../src/builder/local/package-files.ts';
import { parseApkInstalled, parseControl } from '../../src/builder/local/package-metadata.ts';
import { computeTreeDigest, readRepositories } from '../../src/builder/local/tree-source.ts';
import { createTempDir, createTestPorts } from '../io/ports.ts';

const ports = createTestPorts();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ROOT = 'build_dir/target-mips_24kc_musl/root-ath79';
const LINUX = 'build_dir/target-mips_24kc_musl/linux-ath79_generic';

function makeTree(packageManager: 'opkg' | 'apk', files: Readonly<Record<string, string | Buffer>>) {
  const dir = createTempDir();
  for (const [path, content] of Object.entries({ [`${LINUX}/vmlinux`]: '', ...files })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return { type: 'tree', dir, packageManager } as const;
}

const read = (tree: ReturnType<typeof makeTree>, installed: Readonly<Record<string, string>>) =>
  readPackageFiles(ports, tree, 'ath79/generic', new Map(Object.entries(installed)));

// The forms are those of opkg's status and info/*.control on a router with OpenWrt 24.10.
const status = (name: string, version: string, architecture = 'mips_24kc') =>
  `Package: ${name}\nVersion: ${version}\nDepends: libc\nStatus: install user installed\nArchitecture: ${architecture}\n\n`;

describe('package files of an opkg tree', () => {
  it('are found where opkg takes them from, with licence and architecture', async () => {
    const tree = makeTree('opkg', {
      'packages/base-files_1665_mips_24kc.ipk': 'own',
      'dl/map_7_mips_24kc.ipk': 'fetched',
      'dl/http:,,downloads.openwrt.org,base,luci_26.1_all.ipk': 'fetched with its address',
      [`${LINUX}/kernel_6.6.110-r1_mips_24kc.ipk`]: 'kernel',
      [`${ROOT}/usr/lib/opkg/status`]:
        status('base-files', '1665') +
        status('map', '7') +
        status('luci', '26.1', 'all') +
        status('kernel', '6.6.110-r1'),
      [`${ROOT}/usr/lib/opkg/info/map.control`]:
        'Package: map\nVersion: 7\nLicense: GPL-2.0\nArchitecture: mips_24kc\nDescription:  Port mapping\n of MAP-E\n',
    });
    expect(await read(tree, { kernel: '6.6.110-r1', luci: '26.1', map: '7', 'base-files': '1665' })).toEqual([
      expect.objectContaining({
        name: 'base-files',
        sha256: sha256('own'),
        sizeBytes: 3,
        license: undefined,
      }),
      expect.objectContaining({ name: 'kernel', sha256: sha256('kernel') }),
      expect.objectContaining({
        name: 'luci',
        sha256: sha256('fetched with its address'),
        fileName: 'luci_26.1_all.ipk',
        architecture: 'all',
      }),
      {
        name: 'map',
        version: '7',
        fileName: 'map_7_mips_24kc.ipk',
        sha256: sha256('fetched'),
        sizeBytes: 7,
        architecture: 'mips_24kc',
        license: 'GPL-2.0',
      },
    ]);
  });

  it.each([
    ['text', (list: string) => list],
    ['gzip', (list: string) => gzipSync(list)],
  ])('whose file is gone come from the signed list, as %s', async (_name, pack) => {
    const list = `Package: other\nVersion: 1\n\nPackage: map\nVersion: 7\nLicense: GPL-2.0\nArchitecture: mips_24kc\nFilename: base/map_7_mips_24kc.ipk\nSize: 4711\nSHA256sum: ${sha256('map')}\n`;
    const tree = makeTree('opkg', { 'dl/openwrt_base': pack(list), 'dl/openwrt_base.sig': 'x' });
    expect(await read(tree, { map: '7', gone: '1' })).toEqual([
      {
        name: 'map',
        version: '7',
        fileName: 'map_7_mips_24kc.ipk',
        sha256: sha256('map'),
        sizeBytes: 4711,
        architecture: 'mips_24kc',
        license: 'GPL-2.0',
      },
    ]);
    expect(await read(tree, { map: '8' })).toEqual([]);
  });

  it('a list that cannot be read names none', async () => {
    const tree = makeTree('opkg', { 'dl/openwrt_base': Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]) });
    expect(await read(tree, { map: '7' })).toEqual([]);
  });
});

describe('package files of an apk tree', () => {
  it('are found under their plain name, and in the cache with digits of their digest', async () => {
    const tree = makeTree('apk', {
      'packages/base-files-1707~4ccb782af7.apk': 'own',
      'dl/map-7-r1.1a2b3c4d.apk': 'fetched',
      // lib/apk/db/installed as apk 3 writes it
      [`${ROOT}/lib/apk/db/installed`]:
        'C:Q1abc=\nP:map\nV:7-r1\nA:mips_24kc\nL:GPL-2.0\nF:lib\n\nP:base-files\nV:1707~4ccb782af7\nA:noarch\n\n',
    });
    expect(await read(tree, { map: '7-r1', 'base-files': '1707~4ccb782af7', gone: '1' })).toEqual([
      {
        name: 'base-files',
        version: '1707~4ccb782af7',
        fileName: 'base-files-1707~4ccb782af7.apk',
        sha256: sha256('own'),
        sizeBytes: 3,
        architecture: 'noarch',
        license: undefined,
      },
      {
        name: 'map',
        version: '7-r1',
        fileName: 'map-7-r1.apk',
        sha256: sha256('fetched'),
        sizeBytes: 7,
        architecture: 'mips_24kc',
        license: 'GPL-2.0',
      },
    ]);
  });
});

describe('reading what package managers say', () => {
  it('gives packages or nothing, whatever stands there', () => {
    const text = status('map', '7') + status('luci', '26.1');
    const damaged = fc.oneof(
      fc.string(),
      fc.nat(text.length).map((end) => text.slice(0, end)),
      fc
        .tuple(fc.nat(text.length), fc.string())
        .map(([at, more]) => text.slice(0, at) + more + text.slice(at)),
    );
    fc.assert(
      fc.property(damaged, (content) => {
        for (const parse of [parseControl, parseApkInstalled])
          for (const one of parse(content)) expect(one.name.length * one.version.length).toBeGreaterThan(0);
      }),
    );
  });

  it('is done with long text at once', () => {
    const started = performance.now();
    parseControl(`Package: ${'a'.repeat(5_000_000)}\n${'\n'.repeat(500_000)}`);
    parseControl('Version: 1\n'.repeat(500_000));
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('passes over a digest and a size that are none', () => {
    const [one] = parseControl('Package: a\nVersion: 1\nSHA256sum: xyz\nSize: -1\nFilename: ../../b.ipk\n');
    expect(one).toMatchObject({ sha256: undefined, sizeBytes: undefined, fileName: 'b.ipk' });
  });
});

describe('the source of a tree', () => {
  // The forms are those of OpenWrt 23.05.2 (repositories.conf) and 25.12 (repositories).
  it.each([
    [
      'opkg',
      'repositories.conf',
      '## comment\nsrc/gz openwrt_base https://downloads.openwrt.org/base\n\nsrc imagebuilder file:packages\noption check_signature\n',
      ['https://downloads.openwrt.org/base', 'file:packages'],
    ],
    [
      'apk',
      'repositories',
      '# comment\nhttps://downloads.openwrt.org/base/packages.adb\n\n',
      ['https://downloads.openwrt.org/base/packages.adb'],
    ],
  ] as const)('%s: its repositories, in their order', async (manager, name, text, expected) => {
    expect(await readRepositories(ports, makeTree(manager, { [name]: text }))).toEqual(expected);
  });

  it('has a digest of what decides a build, and not of what a build leaves', async () => {
    const files = { Makefile: 'a', 'include/version.mk': 'b', 'scripts/x.py': 'c', '.config': 'd' };
    const digestOf = (more: Readonly<Record<string, string>>) =>
      computeTreeDigest(ports, makeTree('apk', { ...files, ...more }).dir);
    const digest = await digestOf({});
    expect(
      await digestOf({
        'dl/map.apk': 'x',
        'tmp/y': 'z',
        'scripts/x.pyc': 'p',
        'bin/a': 'b',
        'target/linux/ath79/files-6.6/x': 'y',
      }),
    ).toBe(digest);
    for (const path of [
      '.config',
      'include/version.mk',
      'scripts/new.py',
      'target/linux/ath79/image/Makefile',
    ])
      expect(await digestOf({ [path]: 'changed' }), path).not.toBe(digest);
  });
});
