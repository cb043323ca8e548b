import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { EXIT_CODE, MapeImageError } from '../../src/errors.ts';
import type { FetchOptions } from '../../src/flow/fetch.ts';
import { codeOf } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { PROJECT_ROOT } from '../support/cli.ts';
import { DEVICES, makeTestKey, signFolder, tarballName, targetPath } from './mirror.ts';
import { C6, createWorld, fakeTarball, type World } from './world.ts';

const FOLDER = targetPath('24.10.8');
const TARBALL = `${FOLDER}/${tarballName('24.10.8')}`;

/** What the error of a fetch says, `none` where there is none. */
async function errorOf(run: Promise<unknown>): Promise<MapeImageError> {
  const error = await run.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof MapeImageError) return error;
  throw error;
}

/** What was provoked, with what it says: the table of docs/fetch.md, in its order. */
const provoked: { readonly name: string; readonly error: MapeImageError }[] = [];

/** Nothing stands under a final name: neither an archive nor a record. */
function expectNothingKept({ names }: World): void {
  expect(names('imagebuilders')).toEqual([]);
  const digest = computeSha256(fakeTarball(97));
  expect(names(`sha256/${digest.slice(0, 2)}`)).not.toContain(digest);
}

describe.skipIf(lacksTools('flock'))('fetchImageBuilder', () => {
  it('brings the archive of a device onto the disk, proved', async () => {
    const world = await createWorld();
    const found = await world.fetch();
    const digest = computeSha256(fakeTarball(97));
    expect(found).toEqual({
      path: join(world.cacheDir, 'sha256', digest.slice(0, 2), digest),
      version: '24.10.8',
      target: 'ath79/generic',
      profile: C6,
      revision: 'r28959-29397011cc',
      name: 'openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.zst',
      sha256: digest,
      sizeBytes: 300_000,
      keyId: world.key.id,
      url: `${world.mirror.url}${TARBALL}`,
      cached: false,
    });
    expect(readFileSync(found.path).equals(fakeTarball(97))).toBe(true);
    expect(world.names('downloads')).toEqual([]);
    const steps = world.told.steps.map(({ id }) => id);
    expect(steps.filter((id) => id !== 'downloading')).toEqual([
      'chose-release',
      'verified-sums',
      'verified-imagebuilder',
    ]);
  });

  it.each<readonly [string, Partial<FetchOptions>, string, string | undefined]>([
    ['a board name', { profile: 'tplink,archer-c6-v2' }, '24.10.8', C6],
    ['a title', { profile: 'TP-Link Archer C6 v2 (EU/RU/JP)' }, '24.10.8', C6],
    ['a target', { profile: undefined, target: 'ath79/generic' }, '24.10.8', undefined],
    ['profile and target', { target: 'ath79/generic' }, '24.10.8', C6],
    ['a series', { release: '24.10' }, '24.10.8', C6],
    ['a release', { release: '24.10.7' }, '24.10.7', C6],
  ])('finds it by %s', async (_name, options, version, profile) => {
    const world = await createWorld();
    expect(await world.fetch(options)).toMatchObject({ version, profile, target: 'ath79/generic' });
  });

  it.each<readonly [string, Partial<FetchOptions>, string]>([
    ['the series a device asks for', { profile: C6 }, '24.10.8'],
    ['the same by its board name', { profile: 'tplink,archer-c6-v2' }, '24.10.8'],
    ['the newest for a device that asks for none', { profile: 'tplink_archer-c6-v2-us' }, '25.12.5'],
    ['the newest for a target', { profile: undefined, target: 'ath79/generic' }, '25.12.5'],
    ['the series the user asks for', { profile: C6, release: '25.12' }, '25.12.5'],
  ])('takes %s', async (_name, options, version) => {
    const world = await createWorld();
    const newest = { release: '25.12.5', target: 'ath79/generic', tarball: fakeTarball(5), key: world.key };
    world.mirror.addRelease(newest);
    expect(await world.fetch(options)).toMatchObject({ version });
  });

  it('does not fetch the archive twice, but looks what is newest', async () => {
    const world = await createWorld();
    await world.fetch({ release: '24.10' });
    world.mirror.asked.length = 0;
    expect(await world.fetch({ release: '24.10' })).toMatchObject({ version: '24.10.8', cached: true });
    expect(world.mirror.asked).toContain('/.versions.json');
    expect(world.mirror.asked).not.toContain(TARBALL);
    const added = { release: '24.10.9', target: 'ath79/generic', tarball: fakeTarball(9), key: world.key };
    world.mirror.addRelease(added);
    expect(await world.fetch({ release: '24.10' })).toMatchObject({ version: '24.10.9', cached: false });
  });

  it('needs no network for a finished release that is named whole and was fetched before', async () => {
    const world = await createWorld();
    const first = await world.fetch({ release: '24.10.8' });
    world.mirror.asked.length = 0;
    expect(await world.fetch({ release: '24.10.8' })).toEqual({ ...first, cached: true });
    expect(world.mirror.asked).toEqual([]);
  });

  it('goes by the device described in the program where the server has no list of all', async () => {
    const world = await createWorld();
    world.mirror.files.delete('/releases/24.10.8/.overview.json');
    world.mirror.files.delete('/.versions.json');
    expect(await world.fetch({ release: '24.10.8' })).toMatchObject({ target: 'ath79/generic', profile: C6 });
    const other = world.fetch({ release: '24.10.8', profile: 'tplink_archer-c7-v9' });
    expect(await codeOf(other)).toBe('TARGET_UNKNOWN');
    const wrong = world.fetch({ release: '24.10.8', profile: 'tplink_archer-c6', target: 'ath79/generic' });
    expect(await codeOf(wrong)).toBe('PROFILE_UNKNOWN');
  });

  it('no clock has a say: a machine whose date is wrong fetches and uses its cache', async () => {
    const world = await createWorld();
    for (const year of [1970, 2106]) {
      const ports = world.ports({ nowMs: () => Date.UTC(year, 0, 2) });
      await world.fetch({}, ports);
      await world.fetch({ offline: true }, ports);
    }
  });
});

describe.skipIf(lacksTools('flock'))('what is not found', () => {
  it('an unknown profile: with near names over all targets', async () => {
    const { fetch } = await createWorld();
    const error = await errorOf(fetch({ profile: 'tplink_archer-c6-v4' }));
    expect(error.code).toBe('PROFILE_UNKNOWN');
    expect(error.details.near).toEqual(expect.arrayContaining([C6, 'tplink_archer-c6-v3']));
  });

  it('a profile that only another release has: says which', async () => {
    const { fetch, mirror, key } = await createWorld();
    const profiles = [...DEVICES, { id: 'old_router', target: 'ath79/tiny' }];
    const tarball = fakeTarball(3);
    mirror.addRelease({ release: '23.05.6', target: 'ath79/generic', tarball, key, profiles });
    const error = await errorOf(fetch({ profile: 'old_router', release: '24.10' }));
    expect(error.code).toBe('RELEASE_WITHOUT_PROFILE');
    expect(error.details.releases).toEqual(['23.05.6']);
  });

  it.each<readonly [string, Partial<FetchOptions>, string]>([
    ['neither profile nor target', { profile: undefined }, 'FETCH_NO_DEVICE'],
    ['a release there is not', { release: '24.10.9' }, 'RELEASE_UNKNOWN'],
    ['a series the server does not have', { release: '25.12' }, 'RELEASE_UNKNOWN'],
    ['a release that is too old', { release: '21.02.7' }, 'RELEASE_UNSUPPORTED'],
    ['no release at all', { release: 'newest' }, 'VERSION_INVALID'],
    ['a target there is not', { profile: undefined, target: 'ath79/generc' }, 'TARGET_UNKNOWN'],
    ['no target at all', { profile: undefined, target: '../..' }, 'TARGET_INVALID'],
    ['a profile of several targets', { profile: 'generic' }, 'TARGET_AMBIGUOUS'],
    ['a profile of another target', { target: 'ramips/mt7621' }, 'TARGET_WITHOUT_PROFILE'],
    ['a target without files', { profile: 'generic', target: 'x86/64' }, 'IMAGEBUILDER_NOT_LISTED'],
    ['no mirror', { mirror: 'downloads.openwrt.org' }, 'MIRROR_INVALID'],
  ])('%s', async (name, options, code) => {
    const world = await createWorld();
    const error = await errorOf(world.fetch(options));
    provoked.push({ name, error });
    expect(error.code).toBe(code);
    expectNothingKept(world);
  });
});

function answerWith(status: number, headers: Record<string, string> = {}): (world: World) => void {
  return ({ mirror }) =>
    void mirror.answers.set(TARBALL, (_request, response) => void response.writeHead(status, headers).end());
}

describe.skipIf(lacksTools('flock'))('what is not OpenWrt’s', () => {
  it.each<readonly [string, (world: World) => void, string]>([
    [
      'a list signed by another key of the same number',
      ({ mirror, key }) => {
        const sums = mirror.files.get(`${FOLDER}/sha256sums`) ?? Buffer.alloc(0);
        mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.from(makeTestKey(key.id).signFile(sums)));
      },
      'SIGNATURE_WRONG',
    ],
    [
      'a list signed by a stranger',
      ({ mirror }) => {
        const sums = mirror.files.get(`${FOLDER}/sha256sums`) ?? Buffer.alloc(0);
        const stranger = makeTestKey('0102030405060708');
        mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.from(stranger.signFile(sums)));
      },
      'SIGNATURE_KEY_UNKNOWN',
    ],
    [
      'a forged line under the old signature',
      ({ mirror }) => {
        const sums = Buffer.from(mirror.files.get(`${FOLDER}/sha256sums`) ?? '').toString();
        const forged = sums.replace(computeSha256(fakeTarball(97)), computeSha256('evil'));
        mirror.files.set(`${FOLDER}/sha256sums`, Buffer.from(forged));
        mirror.files.set(TARBALL, Buffer.from('evil'));
      },
      'SIGNATURE_WRONG',
    ],
    [
      'the right signature of another file',
      ({ mirror, key }) => {
        mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.from(key.signFile(fakeTarball(97))));
      },
      'SIGNATURE_WRONG',
    ],
    [
      'the rightly signed list of another release',
      ({ mirror }) => {
        for (const name of ['sha256sums', 'sha256sums.sig'])
          mirror.files.set(
            `${FOLDER}/${name}`,
            mirror.files.get(`${targetPath('24.10.7')}/${name}`) ?? Buffer.alloc(0),
          );
      },
      'IMAGEBUILDER_OTHER',
    ],
    [
      'a page in place of the signature',
      ({ mirror }) => void mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.from('<html>Log in</html>')),
      'SIGNATURE_MALFORMED',
    ],
    [
      'a page in place of the list of releases',
      ({ mirror }) => void mirror.files.set('/.versions.json', Buffer.from('<html>Log in</html>')),
      'RELEASE_INDEX_INVALID',
    ],
    [
      'a signed list that is none',
      ({ mirror, key }) => {
        const page = Buffer.from('<html></html>\n');
        mirror.files.set(`${FOLDER}/sha256sums`, page);
        mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.from(key.signFile(page)));
      },
      'SHA256SUMS_INVALID',
    ],
    [
      'a list without end',
      ({ mirror }) => void mirror.files.set(`${FOLDER}/sha256sums`, Buffer.alloc(5_000_000, 'a')),
      'HTTP_TOO_LARGE',
    ],
    [
      'a signature without end',
      ({ mirror }) => void mirror.files.set(`${FOLDER}/sha256sums.sig`, Buffer.alloc(5000, 'a')),
      'HTTP_TOO_LARGE',
    ],
    [
      'no signature',
      ({ mirror }) => void mirror.files.delete(`${FOLDER}/sha256sums.sig`),
      'IMAGEBUILDER_NOT_LISTED',
    ],
    [
      'another archive',
      ({ mirror }) => void mirror.files.set(TARBALL, fakeTarball(5)),
      'DOWNLOAD_DIGEST_MISMATCH',
    ],
    [
      'an archive that ends early',
      ({ mirror }) => void mirror.files.set(TARBALL, fakeTarball(97).subarray(0, -1)),
      'DOWNLOAD_DIGEST_MISMATCH',
    ],
    [
      'an archive with more behind it',
      ({ mirror }) => void mirror.files.set(TARBALL, Buffer.concat([fakeTarball(97), Buffer.from('x')])),
      'DOWNLOAD_DIGEST_MISMATCH',
    ],
    [
      'an archive larger than any',
      ({ mirror }) =>
        void mirror.answers.set(TARBALL, (_request, response) => {
          response.writeHead(200, { 'content-length': 3 * 1024 ** 3 }).write('x');
        }),
      'HTTP_TOO_LARGE',
    ],
    [
      'another revision file',
      ({ mirror }) => void mirror.files.set(`${FOLDER}/version.buildinfo`, Buffer.from('r1-evil\n')),
      'DOWNLOAD_DIGEST_MISMATCH',
    ],
    ['no archive', ({ mirror }) => void mirror.files.delete(TARBALL), 'HTTP_NOT_FOUND'],
    ['a server that fails for ever', answerWith(500), 'HTTP_STATUS'],
    ['a redirect in a circle', answerWith(302, { location: TARBALL }), 'HTTP_REDIRECT_REFUSED'],
    [
      'a server that says nothing',
      ({ mirror }) => void mirror.answers.set(TARBALL, () => {}),
      'HTTP_TIMEOUT',
    ],
    [
      'a line that drops for ever',
      ({ mirror }) => void mirror.answers.set(TARBALL, (_request, response) => void response.destroy()),
      'HTTP_UNREACHABLE',
    ],
  ])('%s', async (name, prepare, code) => {
    const world = await createWorld({ idleTimeoutMs: name === 'a server that says nothing' ? 100 : 5000 });
    prepare(world);
    const error = await errorOf(world.fetch());
    provoked.push({ name, error });
    expect(error.code).toBe(code);
    expect(error.hint).toBeTruthy();
    expectNothingKept(world);
    if (code === 'DOWNLOAD_DIGEST_MISMATCH')
      expect(world.names('downloads').filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });

  it('nothing of a list is read before its signature holds', async () => {
    const world = await createWorld();
    world.mirror.files.set(`${FOLDER}/sha256sums`, Buffer.from('no list at all'));
    expect(await codeOf(world.fetch())).toBe('SIGNATURE_WRONG');
  });

  it('with the keys in the program a key of the tests is a stranger', async () => {
    const world = await createWorld();
    expect(await codeOf(world.fetch({ keysOf: undefined }))).toBe('SIGNATURE_KEY_UNKNOWN');
  });
});

describe.skipIf(lacksTools('flock'))('a bad line', () => {
  it('that drops in the middle is gone on with', async () => {
    const world = await createWorld();
    const big = fakeTarball(97, 3_000_000);
    world.mirror.files.set(TARBALL, big);
    signFolder(world.mirror.files, FOLDER, [tarballName('24.10.8')], world.key);
    world.mirror.answers.set(TARBALL, (_request, response, serve, count) => {
      if (count > 1) return serve();
      response.writeHead(200, {
        etag: `"${computeSha256(big).slice(0, 16)}"`,
        'content-length': big.byteLength,
      });
      response.write(big.subarray(0, 1_000_000), () => response.destroy());
    });
    const found = await world.fetch();
    expect(readFileSync(found.path).equals(big)).toBe(true);
    expect(world.mirror.asked.filter((path) => path.startsWith(`${TARBALL} bytes=`))).toHaveLength(1);
  });

  it('a server that fails once is asked again, and one that fails for ever is named', async () => {
    const world = await createWorld();
    world.mirror.answers.set('/.versions.json', (_request, response, serve, count) =>
      count === 1 ? void response.writeHead(503).end() : serve(),
    );
    await world.fetch();
    expect(world.told.steps.map(({ id }) => id)).toContain('retrying');
    world.mirror.answers.set('/.versions.json', (_request, response) => void response.writeHead(503).end());
    expect(await codeOf(world.fetch())).toBe('HTTP_STATUS');
  });

  it('what an ended run left is used by the next', async () => {
    const world = await createWorld();
    const big = fakeTarball(97, 4_000_000);
    world.mirror.files.set(TARBALL, big);
    signFolder(world.mirror.files, FOLDER, [tarballName('24.10.8')], world.key);
    const controller = new AbortController();
    world.mirror.answers.set(TARBALL, (_request, response, serve, count) => {
      if (count > 1) return serve();
      response.writeHead(200, {
        etag: `"${computeSha256(big).slice(0, 16)}"`,
        'content-length': big.byteLength,
      });
      response.write(big.subarray(0, 2_000_000));
    });
    const ports = world.ports({ signal: controller.signal });
    let shown = 0;
    const progress = (id: string): void => {
      if (id === 'downloading' && ++shown === 2) controller.abort();
    };
    const stopping = { ...ports.reporter, progress };
    expect(await codeOf(world.fetch({}, { ...ports, reporter: stopping }))).toBe('INTERRUPTED');
    expectNothingKept(world);
    expect(await world.fetch()).toMatchObject({ sha256: computeSha256(big), cached: false });
    expect(world.told.steps.map(({ id }) => id)).toContain('resuming-download');
  });

  it('a beginning that a power cut spoiled is fetched once more, whole', async () => {
    const world = await createWorld();
    const digest = computeSha256(fakeTarball(97));
    await world.fetch();
    rmSync(join(world.cacheDir, 'sha256'), { recursive: true });
    const part = join(world.cacheDir, 'downloads', `${digest}.part`);
    writeFileSync(part, Buffer.alloc(100_000));
    const note = { url: `${world.mirror.url}${TARBALL}`, validator: `"${digest.slice(0, 16)}"` };
    writeFileSync(`${part}.json`, JSON.stringify(note));
    expect((await world.fetch()).sha256).toBe(digest);
    expect(world.mirror.asked.filter((path) => path.startsWith(TARBALL)).slice(1)).toEqual([
      `${TARBALL} bytes=100000-`,
      TARBALL,
    ]);
  });
});

describe.skipIf(lacksTools('flock'))('several at once', () => {
  it('in one cache fetch the archive once, and all get it', async () => {
    const world = await createWorld();
    const found = await Promise.all([1, 2, 3, 4].map(() => world.fetch()));
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(found.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(world.mirror.asked.filter((path) => path.startsWith(TARBALL))).toEqual([TARBALL]);
    expect(world.names('downloads')).toEqual([]);
  });
});

describe.skipIf(lacksTools('flock'))('the cache', () => {
  it('offline gives the same without a request', async () => {
    const world = await createWorld();
    const online = await world.fetch();
    world.mirror.asked.length = 0;
    for (const options of [
      {},
      { release: '24.10' },
      { release: '24.10.8' },
      { profile: undefined, target: 'ath79/generic' },
      { profile: 'TP-Link Archer C6 v2 (EU/RU/JP)' },
    ]) {
      const found = await world.fetch({ ...options, offline: true });
      expect(found).toEqual({ ...online, cached: true, profile: 'target' in options ? undefined : C6 });
    }
    expect(world.mirror.asked).toEqual([]);
  });

  it('offline a series is the newest of those that were fetched', async () => {
    const world = await createWorld();
    await world.fetch({ release: '24.10.7' });
    expect((await world.fetch({ release: '24.10', offline: true })).version).toBe('24.10.7');
    await world.fetch({ release: '24.10.8' });
    expect((await world.fetch({ release: '24.10', offline: true })).version).toBe('24.10.8');
  });

  it.each<readonly [string, Partial<FetchOptions>]>([
    ['anything', { release: '24.10' }],
    ['another release', { release: '24.10.7' }],
    ['another series', { release: '25.12' }],
    ['another device', { profile: 'tplink_archer-c6-v3' }],
    ['another target', { profile: undefined, target: 'x86/64' }],
    ['a snapshot', { release: 'SNAPSHOT' }],
  ])('offline without %s in the cache', async (name, options) => {
    const world = await createWorld();
    if (name !== 'anything') await world.fetch({ release: '24.10.8' });
    world.mirror.asked.length = 0;
    const error = await errorOf(world.fetch({ ...options, offline: true }));
    provoked.push({ name: `offline without ${name} in the cache`, error });
    expect(error.code).toBe('FETCH_NOT_CACHED');
    expect(world.mirror.asked).toEqual([]);
  });

  it('offline an id of several targets stays ambiguous, though one alone was fetched', async () => {
    const { fetch, mirror, key } = await createWorld();
    mirror.addRelease({ release: '24.10.8', target: 'x86/64', tarball: fakeTarball(64), key });
    await fetch({ profile: 'generic', target: 'x86/64' });
    expect(await codeOf(fetch({ profile: 'generic', offline: true }))).toBe('TARGET_AMBIGUOUS');
    expect((await fetch({ profile: 'generic', target: 'x86/64', offline: true })).target).toBe('x86/64');
  });

  it('an archive that was swapped after it was verified is found out: offline refused, online fetched anew', async () => {
    const world = await createWorld();
    const { path } = await world.fetch();
    const swap = () => {
      chmodSync(path, 0o644);
      writeFileSync(path, 'swapped');
    };
    swap();
    expect(await codeOf(world.fetch({ offline: true }))).toBe('STORE_DAMAGED');
    expect(await world.fetch()).toMatchObject({ cached: false, sha256: computeSha256(fakeTarball(97)) });
    expect(world.told.warnings).toEqual(['STORE_DAMAGED']);
    swap();
    const error = await errorOf(world.fetch({ offline: true }));
    provoked.push({ name: 'an archive swapped in the cache, offline', error });
    expect(await world.fetch({ release: '24.10.8' })).toMatchObject({ cached: false });
    expect(readFileSync(path).equals(fakeTarball(97))).toBe(true);
  });

  it('a record that somebody wrote proves nothing: list and signature are held against the keys again', async () => {
    const world = await createWorld();
    await world.fetch();
    const stranger = makeTestKey('0102030405060708');
    const offline = { offline: true, keysOf: () => [stranger.public] };
    expect(await codeOf(world.fetch(offline))).toBe('SIGNATURE_KEY_UNKNOWN');
    const record = join(world.cacheDir, 'imagebuilders', world.names('imagebuilders')[0] ?? '');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.replace('"24.10.8"', '"24.10.6"'));
    expect(await codeOf(world.fetch({ offline: true }))).toBe('IMAGEBUILDER_OTHER');
    writeFileSync(record, text.slice(0, 100));
    expect(await codeOf(world.fetch({ offline: true }))).toBe('FETCH_NOT_CACHED');
    await world.fetch();
    expect(readFileSync(record, 'utf8')).toBe(text);
  });
});

describe.skipIf(lacksTools('flock'))('a snapshot', () => {
  const target = 'ath79/generic';
  const SNAPSHOT = targetPath('SNAPSHOT');

  it('is looked at anew each time, and never used across a change', async () => {
    const { fetch, mirror, key } = await createWorld();
    mirror.addRelease({ release: 'SNAPSHOT', target, tarball: fakeTarball(11), key, revision: 'r1-aaa' });
    const monday = await fetch({ release: 'SNAPSHOT' });
    expect(monday).toMatchObject({ version: 'SNAPSHOT', revision: 'r1-aaa', cached: false });
    expect(await fetch({ release: 'SNAPSHOT' })).toMatchObject({ sha256: monday.sha256, cached: true });
    mirror.addRelease({ release: 'SNAPSHOT', target, tarball: fakeTarball(13), key, revision: 'r2-bbb' });
    const tuesday = await fetch({ release: 'SNAPSHOT' });
    expect(tuesday).toMatchObject({
      revision: 'r2-bbb',
      cached: false,
      sha256: computeSha256(fakeTarball(13)),
    });
  });

  it('offline is the last one, with a warning', async () => {
    const { fetch, mirror, key, told } = await createWorld();
    mirror.addRelease({ release: 'SNAPSHOT', target, tarball: fakeTarball(11), key });
    await fetch({ release: 'SNAPSHOT' });
    expect(told.warnings).toEqual([]);
    expect(await fetch({ release: 'snapshot', offline: true })).toMatchObject({ version: 'SNAPSHOT' });
    expect(told.warnings).toEqual(['SNAPSHOT_UNCHECKED']);
  });

  it('whose files change between two requests is asked for once more', async () => {
    const { fetch, mirror, key } = await createWorld();
    mirror.addRelease({ release: 'SNAPSHOT', target, tarball: fakeTarball(11), key });
    mirror.answers.set(`${SNAPSHOT}/sha256sums.sig`, (_request, _response, serve, count) => {
      if (count === 1) mirror.addRelease({ release: 'SNAPSHOT', target, tarball: fakeTarball(13), key });
      serve();
    });
    expect((await fetch({ release: 'SNAPSHOT' })).sha256).toBe(computeSha256(fakeTarball(13)));
  });
});

describe.skipIf(lacksTools('flock'))('docs/fetch.md', () => {
  it('has the table of these failures as they were provoked', () => {
    const path = join(PROJECT_ROOT, 'docs/fetch.md');
    const text = readFileSync(path, 'utf8');
    const [before = '', , after = ''] = text.split(/<!-- failures -->\n|<!-- end of failures -->/);
    const table = `${before}<!-- failures -->\n${renderFailures()}\n<!-- end of failures -->${after}`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, table);
    else expect(text).toBe(table);
  });
});

/** Addresses and digests of one run are replaced by words. */
function renderFailures(): string {
  const plain = (text: string) =>
    text
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://mirror')
      .replaceAll(/127\.0\.0\.1(?::\d+)?/g, 'mirror')
      .replaceAll(/\b[0-9a-f]{64}\b/g, '<sha256>')
      .replaceAll(/\S*\/cache\//g, '<cache>/')
      .replaceAll(/\/[0-9a-f]{2}\/<sha256>/g, '/<sha256>')
      .replaceAll('|', '\\|')
      .replaceAll(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;'));
  const rows = provoked.map(
    ({ name, error }) =>
      `| ${plain(name)} | \`${error.code}\` | ${EXIT_CODE[error.kind]} | ${plain(error.message)} |`,
  );
  return ['| provoked by | code | exit | message |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
