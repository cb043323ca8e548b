import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCachedSizes } from '../../src/builder/local/package-cache.ts';
import { parsePackageFileName } from '../../src/builder/local/package-file-name.ts';
import { parsePackageSet, writePackageSet } from '../../src/builder/local/package-set.ts';
import { readPackageSizes } from '../../src/builder/local/package-sizes.ts';
import { canonicalJson } from '../../src/bytes/canonical-json.ts';
import { parseSha256 } from '../../src/bytes/sha256.ts';
import { MapeImageError } from '../../src/errors.ts';
import { codeOf, createTempDir, createTestPorts } from '../io/ports.ts';

const ports = createTestPorts();

describe('the name of a package file', () => {
  // As they stand in packages/ and dl/ of ImageBuilders 24.10 and 25.12.
  it.each([
    ['map_7_mips_24kc.ipk', 'map', '7'],
    [
      'kmod-nat46_6.6.110.2024.08.29~c7e9ba55-r1_mips_24kc.ipk',
      'kmod-nat46',
      '6.6.110.2024.08.29~c7e9ba55-r1',
    ],
    ['http:,,downloads.openwrt.org,luci,luci-app-ttyd_26.1~1_all.ipk', 'luci-app-ttyd', '26.1~1'],
    ['map-7-r1.apk', 'map', '7-r1'],
    ['map-7-r1.1a2b3c4d.apk', 'map', '7-r1'],
    ['base-files-1707~4ccb782af7.apk', 'base-files', '1707~4ccb782af7'],
    ['kmod-usb-net-huawei-cdc-ncm-6.12.40-r1.apk', 'kmod-usb-net-huawei-cdc-ncm', '6.12.40-r1'],
    ['comgt-3g-0.32-r37.apk', 'comgt-3g', '0.32-r37'],
  ])('%s', (file, name, version) => {
    expect(parsePackageFileName(file)).toEqual({ name, version });
  });

  it.each(['Packages.gz', 'openwrt_base', 'map.ipk', 'map-x.apk', '_1_all.ipk', ''])(
    'says nothing of %j',
    (file) => {
      expect(parsePackageFileName(file)).toBeUndefined();
    },
  );
});

function makeTree(packageManager: 'opkg' | 'apk', sizes: Readonly<Record<string, number>>) {
  const dir = createTempDir();
  for (const [path, sizeBytes] of Object.entries(sizes)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), Buffer.alloc(sizeBytes));
  }
  return { type: 'tree', dir, packageManager } as const;
}

describe('sizes of package files at hand', () => {
  it.each([
    ['opkg', 'map_9_all.ipk', 'map_10_all.ipk', 'tcpdump_1_all.ipk', 'htop_2_all.ipk'],
    ['apk', 'map-9-r1.apk', 'map-10-r1.apk', 'tcpdump-1-r1.1a2b3c4d.apk', 'htop-2-r1.1a2b3c4d.apk'],
  ] as const)(
    'are of the newest version, from the tree and from what is kept: %s',
    async (manager, nine, ten, fetched, kept) => {
      const tree = makeTree(manager, { [`packages/${nine}`]: 9, [`dl/${ten}`]: 10, [`dl/${fetched}`]: 11 });
      writeFileSync(join(tree.dir, 'packages', 'Packages'), 'Package: luci\n');
      const sizes = await readPackageSizes(ports, tree, new Map([[kept, 12]]));
      expect(Object.fromEntries(sizes)).toEqual({ map: 10, tcpdump: 11, htop: 12 });
    },
  );

  it('are none in a tree that has none', async () => {
    expect(await readPackageSizes(ports, makeTree('opkg', {}), new Map())).toEqual(new Map());
  });

  it('what is kept counts for the feeds it came from alone', async () => {
    const storeDir = createTempDir();
    const repositories = ['https://downloads.openwrt.org/releases/24.10.4/packages/mips_24kc/base'];
    const [revision, version] = ['r28959-29397011cc', '24.10.4'];
    const info = {
      revision,
      version,
      target: 'ath79/generic',
      packageManager: 'opkg',
      defaultPackages: [],
      profiles: [],
      sourceDateEpochSec: undefined,
    } as const;
    const digest = createHash('sha256').update('four').digest('hex');
    mkdirSync(join(storeDir, digest.slice(0, 2)), { recursive: true });
    writeFileSync(join(storeDir, digest.slice(0, 2), digest), 'four');
    const key = createHash('sha256').update(canonicalJson({ revision, version, repositories })).digest('hex');
    await writePackageSet(join(storeDir, 'sets', `${key}.json`), {
      version,
      target: info.target,
      files: [
        { name: 'map_7_all.ipk', sha256: parseSha256(digest) },
        { name: 'gone_7_all.ipk', sha256: parseSha256('0'.repeat(64)) },
      ],
    });
    const sizesOf = (tree: Partial<Parameters<typeof readCachedSizes>[1]>) =>
      readCachedSizes(ports, { dir: '/tree', info, repositories, storeDir, ...tree });
    expect(await sizesOf({})).toEqual(new Map([['map_7_all.ipk', 4]]));
    expect(await sizesOf({ info: { ...info, revision: 'r1' } })).toEqual(new Map());
    expect(await sizesOf({ repositories: [] })).toEqual(new Map());
  });
});

describe('a list of packages that were fetched', () => {
  const text = JSON.stringify({
    schema: 'mape-image/packages@1',
    version: '24.10.4',
    target: 'ath79/generic',
    files: [{ name: 'map_7_all.ipk', sha256: 'a'.repeat(64) }],
  });

  it.each([
    ['a path', text.replace('map_7', '../map_7')],
    ['a digest that is none', text.replace('aaaa', '../.')],
    [
      'more files than any build fetches',
      text.replace(/\{"name[^}]*\}/, (one) => Array(5001).fill(one).join()),
    ],
    ['another form', '[]'],
  ])('is refused with %s', async (_name, content) => {
    expect(await codeOf(Promise.resolve().then(() => parsePackageSet(content)))).toBe('CACHE_RECORD_INVALID');
  });

  it('ends with its own error or a list, whatever stands there', () => {
    const damaged = fc.oneof(
      fc.nat(text.length).map((end) => text.slice(0, end)),
      fc
        .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 2 }))
        .map(([at, insert]) => text.slice(0, at) + insert + text.slice(at + 1)),
      fc.json(),
    );
    fc.assert(
      fc.property(damaged, (content) => {
        try {
          parsePackageSet(content);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
    );
  });
});
