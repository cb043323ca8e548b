import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapeImageError } from '../../src/errors.ts';
import { type CacheItem, type CacheItemKind, type CachePlaces, listCache } from '../../src/flow/cache.ts';
import { chooseItems, type PruneOptions, pruneCache } from '../../src/flow/cache-prune.ts';
import { verifyCache } from '../../src/flow/cache-verify.ts';
import { withFileLock } from '../../src/io/lock.ts';
import { codeOf } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { C6, createWorld, type World } from './world.ts';

const DAY_MS = 86_400_000;
const DIGEST = 'ab'.repeat(32);

interface Filled extends World {
  readonly places: CachePlaces;
  /** Put something of that kind into the cache, used so many days ago. */
  add(kind: 'tree' | 'log' | 'download', name: string, days: number): string;
  /** Make a file and all beside it look as old. */
  age(path: string, days: number): void;
  prune(options: Partial<PruneOptions>): Promise<{ removed: string[]; inUse: string[]; kept: string[] }>;
}

async function createFilled(): Promise<Filled> {
  const world = await createWorld();
  const places = { cacheDir: world.cacheDir, logDir: join(world.cacheDir, '../logs') };
  const age = (path: string, days: number): void => {
    const seconds = Date.now() / 1000 - days * 86_400;
    utimesSync(path, seconds, seconds);
  };
  return {
    ...world,
    places,
    age,
    add: (kind, name, days) => {
      switch (kind) {
        case 'tree': {
          const home = join(world.cacheDir, 'trees', name);
          const top = join(home, `openwrt-imagebuilder-${name.slice(0, 4)}`);
          mkdirSync(top, { recursive: true });
          writeFileSync(join(top, 'Makefile'), 'all:\n');
          for (const path of [join(top, 'Makefile'), top, home]) age(path, days);
          return home;
        }
        case 'log': {
          mkdirSync(places.logDir, { recursive: true });
          const path = join(places.logDir, name);
          writeFileSync(path, 'a log\n');
          age(path, days);
          return path;
        }
        default: {
          const stem = join(world.cacheDir, 'downloads', name);
          mkdirSync(join(world.cacheDir, 'downloads'), { recursive: true });
          for (const end of ['.part', '.part.json', '.lock']) {
            writeFileSync(stem + end, 'x');
            age(stem + end, days);
          }
          return `${stem}.part`;
        }
      }
    },
    prune: async (options) => {
      const all = { olderThanMs: undefined, keep: undefined, dryRun: false, ...options };
      const { removed, inUse, kept } = await pruneCache(world.ports(), places, all);
      const names = (items: readonly CacheItem[]) => items.map(({ kind, name }) => `${kind} ${name}`).sort();
      return { removed: names(removed), inUse: names(inUse), kept: names(kept) };
    },
  };
}

describe.skipIf(lacksTools('flock'))('listCache', () => {
  it('is empty where nothing was kept, and makes nothing', async () => {
    const { ports, places } = await createFilled();
    expect(await listCache(ports(), places)).toEqual([]);
    expect(existsSync(places.cacheDir)).toBe(false);
  });

  it('tells every kind, with sizes', async () => {
    const { ports, places, fetch, add } = await createFilled();
    const { path, sha256, sizeBytes } = await fetch();
    add('tree', DIGEST, 3);
    add('log', 'build-20260823T101500Z-1.log', 2);
    add('download', 'cd'.repeat(32), 1);
    const items = await listCache(ports(), places);
    expect(items.map(({ kind, name }) => [kind, name])).toEqual([
      ['imagebuilder', '24.10.8 ath79/generic'],
      ['tree', 'openwrt-imagebuilder-abab'],
      ['log', 'build-20260823T101500Z-1.log'],
      ['download', 'cd'.repeat(6)],
    ]);
    expect(items[0]).toMatchObject({ path, sha256, inUse: false });
    expect(items[0]?.sizeBytes).toBeGreaterThan(sizeBytes);
    const ageDays = (Date.now() - (items[1]?.usedAtMs ?? 0)) / DAY_MS;
    expect(Math.round(ageDays)).toBe(3);
  });

  it('tells a tree in which a build is running', async () => {
    const { ports, places, add } = await createFilled();
    const makefile = join(add('tree', DIGEST, 3), 'openwrt-imagebuilder-abab/Makefile');
    await withFileLock(ports(), makefile, async () => {
      expect((await listCache(ports(), places))[0]).toMatchObject({ kind: 'tree', inUse: true });
    });
    expect((await listCache(ports(), places))[0]).toMatchObject({ kind: 'tree', inUse: false });
  });
});

describe.skipIf(lacksTools('flock'))('verifyCache', () => {
  it('counts what is sound', async () => {
    const { ports, places, fetch, keysOf } = await createFilled();
    await fetch({ release: '24.10.7' });
    await fetch({ release: '24.10.8' });
    const verdict = await verifyCache(ports(), places, { fix: false, keysOf });
    expect(verdict).toEqual({ objects: 6, imagebuilders: 2, packages: 0, removed: [] });
  });

  it.each([
    [
      'a changed archive',
      (path: string) => {
        chmodSync(path, 0o644);
        writeFileSync(path, 'swapped');
      },
      2,
      'STORE_DAMAGED',
    ],
    [
      'a record that cannot be read',
      (_path: string, record: string) => writeFileSync(record, '{'),
      1,
      'CACHE_RECORD_INVALID',
    ],
    [
      'a record of another release',
      (_path: string, record: string) =>
        writeFileSync(record, readFileSync(record, 'utf8').replace('"24.10.8"', '"24.10.6"')),
      1,
      'IMAGEBUILDER_OTHER',
    ],
  ])('%s: is found, removed when asked, and fetched anew', async (_name, harm, count, code) => {
    const { ports, places, fetch, keysOf, names, cacheDir } = await createFilled();
    const { path } = await fetch();
    harm(path, join(cacheDir, 'imagebuilders', names('imagebuilders')[0] ?? ''));
    const error = await verifyCache(ports(), places, { fix: false, keysOf }).catch(
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof MapeImageError)) throw error;
    expect(error.code).toBe('CACHE_DAMAGED');
    expect(error.findings).toHaveLength(count);
    expect(error.findings.map((finding) => finding.code)).toContain(code);
    const { removed } = await verifyCache(ports(), places, { fix: true, keysOf });
    expect(removed).toHaveLength(count);
    expect(await codeOf(verifyCache(ports(), places, { fix: false, keysOf }))).toBe('none');
    await fetch();
    expect(await verifyCache(ports(), places, { fix: false, keysOf })).toMatchObject({ imagebuilders: 1 });
  });

  it('trusts the keys of OpenWrt and no others', async () => {
    const { ports, places, fetch } = await createFilled();
    await fetch();
    expect(await codeOf(verifyCache(ports(), places, { fix: false }))).toBe('CACHE_DAMAGED');
  });
});

describe.skipIf(lacksTools('flock'))('pruneCache', () => {
  it('without a wish removes leftovers alone, after a day', async () => {
    const { add, age, fetch, prune, mirror, cacheDir, key } = await createFilled();
    mirror.addRelease({ release: 'SNAPSHOT', target: 'ath79/generic', tarball: Buffer.from('monday'), key });
    const monday = await fetch({ release: 'SNAPSHOT' });
    mirror.addRelease({ release: 'SNAPSHOT', target: 'ath79/generic', tarball: Buffer.from('tuesday'), key });
    await fetch({ release: 'SNAPSHOT' });
    add('tree', DIGEST, 400);
    add('download', 'cd'.repeat(32), 2);
    add('download', 'ef'.repeat(32), 0);
    expect((await prune({})).removed).toEqual([`download ${'cd'.repeat(6)}`]);
    age(monday.path, 2);
    expect((await prune({})).removed).toEqual([`object ${monday.sha256.slice(0, 12)}`]);
    expect(existsSync(monday.path)).toBe(false);
    expect(readdirSync(join(cacheDir, 'downloads')).filter((name) => name.endsWith('.part'))).toHaveLength(1);
    expect(await fetch({ release: 'SNAPSHOT', offline: true })).toMatchObject({ sizeBytes: 7 });
  });

  it('removes what is old, of every kind', async () => {
    const { add, age, fetch, prune, cacheDir, names } = await createFilled();
    const old = await fetch({ release: '24.10.7' });
    await fetch({ release: '24.10.8' });
    for (const folder of names('sha256'))
      for (const name of names(`sha256/${folder}`)) {
        const text = readFileSync(join(cacheDir, 'imagebuilders/24.10.7-ath79-generic.json'), 'utf8');
        if (text.includes(name)) age(join(cacheDir, 'sha256', folder, name), 100);
      }
    age(join(cacheDir, 'imagebuilders/24.10.7-ath79-generic.json'), 100);
    add('tree', DIGEST, 100);
    add('tree', 'cd'.repeat(32), 1);
    add('log', 'old.log', 100);
    add('log', 'new.log', 1);
    const wish = { olderThanMs: 90 * DAY_MS };
    const removed = ['imagebuilder 24.10.7 ath79/generic', 'log old.log', 'tree openwrt-imagebuilder-abab'];
    expect(await prune({ ...wish, dryRun: true })).toMatchObject({ removed });
    expect(existsSync(old.path)).toBe(true);
    expect(await prune(wish)).toMatchObject({ removed });
    expect(existsSync(old.path)).toBe(false);
    expect(await prune(wish)).toMatchObject({ removed: [] });
    expect(names('trees')).toEqual(['cd'.repeat(32)]);
    expect(names('imagebuilders')).toEqual(['24.10.8-ath79-generic.json']);
    expect(names('sha256').flatMap((folder) => names(`sha256/${folder}`))).toHaveLength(3);
  });

  it('keeps so many of each kind', async () => {
    const { add, fetch, prune } = await createFilled();
    await fetch({ release: '24.10.7' });
    await fetch({ release: '24.10.8' });
    add('tree', DIGEST, 5);
    add('tree', 'cd'.repeat(32), 4);
    for (const day of [1, 2, 3]) add('log', `${day}.log`, day);
    expect((await prune({ keep: 1 })).removed).toEqual([
      'imagebuilder 24.10.7 ath79/generic',
      'log 2.log',
      'log 3.log',
      'tree openwrt-imagebuilder-abab',
    ]);
    expect((await prune({ keep: 0 })).kept).toEqual([]);
  });

  it('leaves alone what a build or a download holds', async () => {
    const { add, prune, ports } = await createFilled();
    const tree = add('tree', DIGEST, 100);
    const part = add('download', 'cd'.repeat(32), 100);
    const makefile = join(tree, 'openwrt-imagebuilder-abab/Makefile');
    await withFileLock(ports(), makefile, () =>
      withFileLock(ports(), part.replace(/part$/, 'lock'), async () => {
        const pruned = await prune({ keep: 0 });
        expect(pruned.removed).toEqual([]);
        expect(pruned.inUse).toEqual([`download ${'cd'.repeat(6)}`, 'tree openwrt-imagebuilder-abab']);
        expect(existsSync(makefile)).toBe(true);
        expect(existsSync(part)).toBe(true);
      }),
    );
    expect((await prune({ keep: 0 })).inUse).toEqual([]);
    expect(existsSync(tree)).toBe(false);
    expect(existsSync(part)).toBe(false);
  });

  it('an archive that is gone is fetched again', async () => {
    const { fetch, prune } = await createFilled();
    await fetch();
    await prune({ keep: 0 });
    expect(await codeOf(fetch({ offline: true }))).toBe('FETCH_NOT_CACHED');
    expect(await fetch({ profile: C6 })).toMatchObject({ cached: false });
  });
});

describe.skipIf(lacksTools('flock'))('packages that builds fetched', () => {
  /** What builds with two ImageBuilders left: `all` stands in both feeds, and nothing needs `stray` any more. */
  async function createPackages() {
    const filled = await createFilled();
    const dir = join(filled.cacheDir, 'packages');
    const digestOf = (content: string) => createHash('sha256').update(content).digest('hex');
    const pathOf = (content: string) => join(dir, digestOf(content).slice(0, 2), digestOf(content));
    const put = (content: string, days: number) => {
      mkdirSync(dirname(pathOf(content)), { recursive: true });
      writeFileSync(pathOf(content), content);
      filled.age(pathOf(content), days);
    };
    const addSet = (key: string, version: string, contents: readonly string[], days: number) => {
      for (const content of contents) put(content, days);
      const files = contents.map((content) => ({ name: `${content}_1_all.ipk`, sha256: digestOf(content) }));
      const set = { schema: 'mape-image/packages@1', version, target: 'ath79/generic', files };
      mkdirSync(join(dir, 'sets'), { recursive: true });
      writeFileSync(join(dir, 'sets', `${key}.json`), JSON.stringify(set));
      filled.age(join(dir, 'sets', `${key}.json`), days);
    };
    addSet('a', '24.10.7', ['all', 'old', 'older'], 100);
    addSet('b', '24.10.8', ['all', 'new'], 1);
    put('stray', 2);
    writeFileSync(join(dir, 'lock'), '');
    return { ...filled, dir, pathOf, addSet };
  }

  it('are told by ImageBuilder, a shared file once', async () => {
    const { ports, places } = await createPackages();
    const items = await listCache(ports(), places);
    expect(items.map(({ kind, name, packages }) => [kind, name, packages])).toEqual([
      ['packages', '24.10.8 ath79/generic', 2],
      ['packages', '24.10.7 ath79/generic', 2],
      ['object', createHash('sha256').update('stray').digest('hex').slice(0, 12), undefined],
    ]);
    const [{ files: ofNew = [] } = {}, { files: ofOld = [] } = {}] = items;
    expect(ofNew.filter((path) => ofOld.includes(path))).toEqual([]);
  });

  it('go when they are old, but for what a later build needs', async () => {
    const { prune, pathOf } = await createPackages();
    const there = () =>
      ['all', 'old', 'older', 'new', 'stray'].filter((content) => existsSync(pathOf(content)));
    const wish = { olderThanMs: 90 * DAY_MS };
    expect((await prune({ ...wish, dryRun: true })).removed).toEqual(['packages 24.10.7 ath79/generic']);
    expect(there()).toHaveLength(5);
    expect((await prune(wish)).removed).toEqual(['packages 24.10.7 ath79/generic']);
    expect(there()).toEqual(['all', 'new', 'stray']);
    await prune({});
    expect(there()).toEqual(['all', 'new']);
    expect((await prune({ keep: 0 })).kept).toEqual([]);
    expect(there()).toEqual([]);
  });

  it('stay while a build takes some in or gives some out', async () => {
    const { ports, places, dir, prune, pathOf } = await createPackages();
    await withFileLock(ports(), join(dir, 'lock'), async () => {
      expect((await listCache(ports(), places))[0]).toMatchObject({ kind: 'packages', inUse: true });
      const { removed, inUse } = await prune({ keep: 0 });
      expect(removed).toEqual([]);
      expect(inUse).toHaveLength(3);
    });
    expect(existsSync(pathOf('all'))).toBe(true);
  });

  it('are hashed again, and removed where they or their list are damaged', async () => {
    const { ports, places, dir, pathOf } = await createPackages();
    expect(await verifyCache(ports(), places, { fix: false })).toMatchObject({ packages: 5, removed: [] });
    writeFileSync(pathOf('old'), 'other bytes');
    const list = join(dir, 'sets/b.json');
    writeFileSync(list, '{"files":[{"name":"../../x"}]}');
    const error = await verifyCache(ports(), places, { fix: false }).catch((thrown: unknown) => thrown);
    if (!(error instanceof MapeImageError)) throw error;
    expect(error.findings.map(({ code }) => code)).toEqual(['STORE_DAMAGED', 'CACHE_RECORD_INVALID']);
    const { removed, packages } = await verifyCache(ports(), places, { fix: true });
    expect({ removed, packages }).toEqual({ removed: [pathOf('old'), list], packages: 4 });
    expect(await verifyCache(ports(), places, { fix: false })).toMatchObject({ packages: 4 });
  });

  it('of a list that nobody can read are leftovers', async () => {
    const { prune, age, dir } = await createPackages();
    writeFileSync(join(dir, 'sets/b.json'), 'x');
    age(join(dir, 'sets/b.json'), 2);
    expect((await prune({})).removed).toEqual(expect.arrayContaining(['record b.json']));
    expect(existsSync(join(dir, 'sets/b.json'))).toBe(false);
  });
});

describe('chooseItems', () => {
  const kind = fc.constantFrom<CacheItemKind>(
    'imagebuilder',
    'tree',
    'packages',
    'log',
    'download',
    'object',
    'record',
  );
  const items = fc.array(fc.record({ kind, days: fc.nat({ max: 400 }) }), { maxLength: 30 }).map((all) =>
    all
      .map(({ kind: of, days }): CacheItem => {
        const usedAtMs = -days * DAY_MS;
        return { kind: of, name: 'x', path: '/x', sizeBytes: 1, usedAtMs, inUse: false, files: [] };
      })
      .sort((a, b) => b.usedAtMs - a.usedAtMs),
  );
  const keep = fc.option(fc.nat({ max: 5 }), { nil: undefined });
  const olderThanMs = fc.option(
    fc.nat({ max: 400 }).map((days) => days * DAY_MS),
    { nil: undefined },
  );

  it('never takes more with a second wish, and never the newest that are to be kept', () => {
    fc.assert(
      fc.property(items, keep, olderThanMs, (all, most, age) => {
        const chosen = chooseItems(all, { keep: most, olderThanMs: age }, 0);
        if (most !== undefined && age !== undefined) {
          const byAge = chooseItems(all, { keep: undefined, olderThanMs: age }, 0);
          expect(chosen.every((item) => byAge.includes(item))).toBe(true);
        }
        for (const of of ['imagebuilder', 'tree', 'packages', 'log'] as const) {
          const before = all.filter((item) => item.kind === of).slice(0, most ?? 0);
          expect(before.some((item) => chosen.includes(item))).toBe(false);
          if (most === undefined && age === undefined)
            expect(chosen.filter((item) => item.kind === of)).toEqual([]);
        }
      }),
    );
  });
});
