import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { startTlsServer } from '../io/http-server.ts';
import { until } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { installCopy, makeTempDir, runCli, startCli } from '../support/cli.ts';
import { fixturePath } from '../support/fixtures.ts';
import { makeSampleTarball } from '../support/sample.ts';
import { type Mirror, makeTestKey, startMirror, tarballName, targetPath } from './mirror.ts';
import { trustOnly } from './trust.ts';
import { fakeTarball } from './world.ts';

const dir = makeTempDir();
const key = makeTestKey();
const C6 = ['--profile', 'tplink_archer-c6-v2'];
const TARBALL = `${targetPath('24.10.8')}/${tarballName('24.10.8')}`;
let main: string;
let mirror: Mirror;
let tarball: Buffer;

beforeAll(async () => {
  main = installCopy(join(dir, 'installed'));
  trustOnly(join(dir, 'installed'), key);
  tarball = readFileSync(makeSampleTarball('opkg', dir));
  mirror = await startMirror();
  mirror.addRelease({ release: '24.10.8', target: 'ath79/generic', tarball, key });
});
afterAll(() => mirror.close());

interface Options {
  readonly cache: string;
  readonly env?: Record<string, string>;
  readonly main?: string;
}

function envOf({ cache, env }: Options): Record<string, string> {
  return {
    XDG_CACHE_HOME: join(dir, cache),
    XDG_STATE_HOME: join(dir, `${cache}-state`),
    MAPE_IMAGE_MIRROR: mirror.url,
    ...env,
  };
}

function run(args: readonly string[], options: Options) {
  return runCli(args, { main: options.main ?? main, env: envOf(options), cwd: dir });
}

describe.skipIf(lacksTools('flock', 'zstd', 'tar'))('mape-image fetch', () => {
  it('ends with the digest and the path, which build takes', async () => {
    const { exitCode, stdout, stderr } = await run(['fetch', ...C6, '--release', '24.10'], { cache: 'a' });
    expect({ exitCode, stderr: stderr.includes('error') }).toEqual({ exitCode: 0, stderr: false });
    const [, sha256 = '', path = ''] =
      /^([0-9a-f]{64}) {2}(\/.+)$/.exec(stdout.trimEnd().split('\n').at(-1) ?? '') ?? [];
    expect(sha256).toBe(computeSha256(tarball));
    expect(computeSha256(readFileSync(path))).toBe(sha256);
    expect(stderr).toContain('verified imagebuilder 24.10.8 ath79/generic');
    for (const line of [...stdout.split('\n').slice(0, -2), ...stderr.split('\n')])
      if (!line.includes(mirror.url)) expect(line.length).toBeLessThanOrEqual(80);
    const listed = await run(['profiles', '--imagebuilder', path, '--json'], { cache: 'a' });
    expect(JSON.parse(listed.stdout).profiles.map(({ id }: { id: string }) => id)).toContain(C6[1]);
  });

  it('--json is one document, the same offline but for where it came from', async () => {
    const online = await run(['fetch', ...C6, '--json'], { cache: 'a' });
    mirror.asked.length = 0;
    const offline = await run(['fetch', ...C6, '--json', '--offline'], { cache: 'a' });
    expect(mirror.asked).toEqual([]);
    expect(JSON.parse(offline.stdout)).toEqual({ ...JSON.parse(online.stdout), cached: true });
    expect(JSON.parse(offline.stdout)).toMatchObject({
      schema: 'mape-image/fetch@1',
      ok: true,
      version: '24.10.8',
      target: 'ath79/generic',
      keyId: key.id,
    });
  });

  it('takes profile and release from mape-image.yaml, without what else it speaks of', async () => {
    const project = join(dir, 'project');
    mkdirSync(project);
    const yaml =
      'profile: tplink_archer-c6-v2\nrelease: "24.10.8"\nroot: { passwordHash: { file: not-here } }\n';
    writeFileSync(join(project, 'mape-image.yaml'), yaml);
    const { exitCode, stdout } = await runCli(['fetch', '--json'], {
      main,
      env: envOf({ cache: 'a' }),
      cwd: project,
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ profile: 'tplink_archer-c6-v2', version: '24.10.8' });
    const args = ['fetch', '--json', '--target', 'ath79/generic'];
    const byTarget = await runCli(args, { main, env: envOf({ cache: 'a' }), cwd: project });
    expect(JSON.parse(byTarget.stdout).profile).toBeNull();
  });

  it('says in Japanese what is wrong, within 80 columns', async () => {
    const args = ['fetch', '--profile', 'tplink_archer-c6-v9', '--lang', 'ja'];
    const { exitCode, stderr } = await run(args, { cache: 'b' });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('tplink_archer-c6-v2');
    expect(stderr).toMatch(/[ぁ-ん]/);
  });

  it('the program as it is published trusts OpenWrt alone', async () => {
    const published = installCopy(join(dir, 'published'));
    const { exitCode, stdout } = await run(['fetch', ...C6, '--json'], { cache: 'c', main: published });
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout).code).toBe('SIGNATURE_KEY_UNKNOWN');
    expect(existsSync(join(dir, 'c'))).toBe(false);
  });

  it.each<readonly [string, readonly string[], number, string, Record<string, string>]>([
    ['neither profile nor target', [], 2, 'FETCH_NO_DEVICE', {}],
    ['a wrong mirror', [...C6, '--mirror', 'ftp://x'], 3, 'MIRROR_INVALID', {}],
    ['nothing in the cache, offline', [...C6, '--offline'], 6, 'FETCH_NOT_CACHED', {}],
    ['no server', [...C6, '--mirror', 'http://127.0.0.1:1'], 6, 'HTTP_UNREACHABLE', {}],
    ['a wrong proxy', C6, 3, 'PROXY_INVALID', { http_proxy: 'nonsense' }],
  ])('%s', async (_name, args, exitCode, code, env) => {
    const result = await run(['fetch', ...args, '--json'], { cache: 'd', env });
    expect({ exitCode: result.exitCode, code: JSON.parse(result.stdout).code }).toEqual({ exitCode, code });
  });
});

describe.skipIf(lacksTools('flock'))('https', () => {
  const trusted = (certificate: string) => ({ NODE_EXTRA_CA_CERTS: fixturePath(`fetch/${certificate}.crt`) });
  const fetchFrom = async (url: string, cache: string, certificate: string) => {
    const env = { MAPE_IMAGE_MIRROR: url, ...trusted(certificate) };
    const { stdout } = await run(['fetch', ...C6, '--json'], { cache, env });
    return JSON.parse(stdout);
  };

  it('is never left for http', async () => {
    const url = await startTlsServer((request, response) => {
      response.writeHead(302, { location: `${mirror.url}${request.url}` }).end();
    });
    expect(await fetchFrom(url, 'e', 'loopback')).toMatchObject({
      code: 'HTTP_REDIRECT_REFUSED',
      details: { reason: 'downgrade' },
    });
  });

  it('with a certificate out of its time says what to look at, and http is as safe', async () => {
    const url = await startTlsServer((_request, response) => void response.end(), 'expired');
    expect(await fetchFrom(url, 'e', 'expired')).toMatchObject({
      code: 'HTTP_TLS',
      details: { reason: 'CERT_HAS_EXPIRED', byClock: true },
    });
    expect(await fetchFrom(mirror.url, 'e', 'expired')).toMatchObject({ ok: true });
  });
});

/** A server with a larger archive, for what happens while it comes. */
let slow: Mirror;
const big = fakeTarball(97, 4_000_000);
beforeAll(async () => {
  slow = await startMirror();
  slow.addRelease({ release: '24.10.8', target: 'ath79/generic', tarball: big, key });
});
afterAll(() => slow.close());

/** Start a fetch of which the server sends half of the archive; resolves when much of that has come. */
async function startHalf(cache: string) {
  slow.answers.set(TARBALL, (_request, response) => {
    slow.answers.delete(TARBALL);
    const etag = `"${computeSha256(big).slice(0, 16)}"`;
    response.writeHead(200, { etag, 'content-length': big.byteLength });
    response.write(big.subarray(0, 2_000_000));
  });
  const env = { ...envOf({ cache }), MAPE_IMAGE_MIRROR: slow.url };
  const child = startCli(['fetch', ...C6, '--json', '--progress', 'none'], { main, env, cwd: dir });
  const exit = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 137)));
  const part = join(dir, cache, 'mape-image/downloads', `${computeSha256(big)}.part`);
  await until(() => existsSync(part) && statSync(part).size >= 1_000_000);
  return { child, exit };
}

describe.skipIf(lacksTools('flock'))('a fetch that is ended', () => {
  it.each([
    ['SIGKILL', 137],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s leaves a beginning that the next one goes on with', async (signal, code) => {
    const cache = `killed-${signal}`;
    const { child, exit } = await startHalf(cache);
    child.kill(signal);
    expect(await exit).toBe(code);
    expect(existsSync(join(dir, cache, 'mape-image/imagebuilders'))).toBe(false);
    slow.asked.length = 0;
    const env = { MAPE_IMAGE_MIRROR: slow.url };
    const { stdout } = await run(['fetch', ...C6, '--json'], { cache, env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, cached: false });
    const [asked = ''] = slow.asked.filter((path) => path.startsWith(TARBALL));
    expect(Number(/bytes=(\d+)-$/.exec(asked)?.[1])).toBeGreaterThanOrEqual(1_000_000);
    expect(readdirSync(join(dir, cache, 'mape-image/downloads'))).toEqual([]);
    expect(readFileSync(JSON.parse(stdout).path).equals(big)).toBe(true);
  });

  it('two programs at once fetch the archive once', async () => {
    mirror.asked.length = 0;
    const both = await Promise.all([1, 2].map(() => run(['fetch', ...C6, '--json'], { cache: 'two' })));
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(mirror.asked.filter((path) => path.startsWith(TARBALL))).toEqual([TARBALL]);
  });
});

describe.skipIf(lacksTools('flock'))('a full disk', () => {
  it('is named, nothing half-written has a final name, and with more room it goes on', async ({ skip }) => {
    const small = join(dir, 'small');
    mkdirSync(small);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).status !== 0) {
      console.log('skipped: only root can mount a small file system');
      return skip();
    }
    onTestFinished(() => void spawnSync('umount', ['-l', small]));
    const env = { MAPE_IMAGE_MIRROR: slow.url };
    const { exitCode, stdout } = await run(['fetch', ...C6, '--json'], { cache: 'small', env });
    expect({ exitCode, code: JSON.parse(stdout).code }).toEqual({ exitCode: 6, code: 'DISK_FULL' });
    expect(existsSync(join(small, 'mape-image/imagebuilders'))).toBe(false);
    execFileSync('mount', ['-o', 'remount,size=64m', small]);
    const again = await run(['fetch', ...C6, '--json'], { cache: 'small', env });
    expect(readFileSync(JSON.parse(again.stdout).path).equals(big)).toBe(true);
  });
});

describe.skipIf(lacksTools('flock'))('mape-image cache', () => {
  const cache = (args: readonly string[], env: Record<string, string> = {}) =>
    run(['cache', ...args], { cache: 'kept', env });

  it('list, verify and prune speak to people and to programs', async () => {
    expect((await cache(['list'])).stdout).toBe('nothing is kept\n');
    const { stdout } = await run(['fetch', ...C6, '--json'], { cache: 'kept' });
    const { path, sha256 } = JSON.parse(stdout);
    const list = await cache(['list']);
    expect(list.stdout).toContain('24.10.8 ath79/generic');
    for (const line of list.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const document = JSON.parse((await cache(['list', '--json'])).stdout);
    expect(document).toMatchObject({
      schema: 'mape-image/cache-list@1',
      items: [{ kind: 'imagebuilder', path, sha256 }],
    });
    expect(JSON.parse((await cache(['verify', '--json'])).stdout)).toMatchObject({
      ok: true,
      imagebuilders: 1,
      objects: 3,
    });
    expect((await cache(['verify'], { LC_ALL: 'ja_JP.UTF-8' })).stdout).toContain('正常');

    chmodSync(path, 0o644);
    writeFileSync(path, 'swapped');
    const damaged = await cache(['verify']);
    expect(damaged.exitCode).toBe(4);
    expect(damaged.stderr).toContain('STORE_DAMAGED');
    expect((await cache(['verify', '--fix'])).exitCode).toBe(0);
    expect(existsSync(path)).toBe(false);

    await run(['fetch', ...C6, '--json'], { cache: 'kept' });
    const would = JSON.parse((await cache(['prune', '--keep', '0', '--dry-run', '--json'])).stdout);
    expect(would).toMatchObject({ schema: 'mape-image/cache-prune@1', dryRun: true, removed: [{ sha256 }] });
    expect(existsSync(path)).toBe(true);
    expect((await cache(['prune', '--older-than', '30d'])).stdout).toBe('nothing to remove\n');
    expect((await cache(['prune', '--keep', '0'])).stdout).toContain('freed');
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    [['prune', '--older-than', 'yesterday'], 'USAGE'],
    [['prune', '--keep', '-1'], 'USAGE'],
    [['prune', '--keep', 'all'], 'USAGE'],
    [['empty'], 'USAGE'],
    [['list', 'x'], 'USAGE'],
  ])('refuses %j', async (args, code) => {
    const { exitCode, stdout } = await cache([...args, '--json']);
    expect({ exitCode, code: JSON.parse(stdout).code }).toEqual({ exitCode: 2, code });
  });

  it.each(['list', 'verify', 'prune'])('help of %s has examples', async (verb) => {
    const { exitCode, stdout } = await cache([verb, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Examples:\n  mape-image cache ${verb}`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('an unpacked tree in which a build is running stays', async () => {
    const { stdout } = await run(['fetch', ...C6, '--json'], { cache: 'kept' });
    await run(['profiles', '--imagebuilder', JSON.parse(stdout).path], { cache: 'kept' });
    const trees = join(dir, 'kept/mape-image/trees');
    const [home = ''] = readdirSync(trees).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const [top = ''] = readdirSync(join(trees, home));
    const makefile = join(trees, home, top, 'Makefile');
    const holder = startHolder(makefile);
    await holder.held;
    expect((await cache(['prune', '--keep', '0'])).stdout).toContain('in use');
    expect(existsSync(makefile)).toBe(true);
    holder.end();
    await holder.ended;
    await cache(['prune', '--keep', '0']);
    expect(readdirSync(trees)).toEqual([]);
  });
});

/** What a build does: hold the lock of a tree. */
function startHolder(path: string) {
  const child = spawn('flock', [path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const held = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  child.stdin.write('.');
  return {
    held,
    ended: new Promise<void>((resolve) => child.once('close', () => resolve())),
    end: () => child.stdin.end(),
  };
}
