import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execEnv, isSafePath } from '../../src/io/exec-env.ts';
import { chooseSafeDir, safeDirCandidates, withTempDir } from '../../src/io/temp.ts';
import { codeOf, createTempDir, createTestPorts } from './ports.ts';

const ports = createTestPorts();

describe('withTempDir', () => {
  it('gives a folder of 0755 and takes it away with all in it', async () => {
    const parent = createTempDir();
    const seen = await withTempDir(ports, parent, async (dir) => {
      mkdirSync(join(dir, 'deep/er'), { recursive: true });
      expect(statSync(dir).mode & 0o777).toBe(0o755);
      return dir;
    });
    expect(existsSync(seen)).toBe(false);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('takes it away after a failure and after an abort', async () => {
    const parent = createTempDir();
    const controller = new AbortController();
    const aborted = createTestPorts({ signal: controller.signal });
    const run = withTempDir(aborted, parent, async () => {
      controller.abort();
      await aborted.files.list(parent);
    });
    expect(await codeOf(run)).toBe('INTERRUPTED');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('removes what dead processes left, and nothing else', async () => {
    const parent = createTempDir();
    const dead = spawnSync('true').pid;
    const mine = await withTempDir(ports, parent, async (dir) => dir.slice(parent.length + 1));
    const namespace = mine.split('-')[2];
    const kept = [
      `mape-image-${namespace}-${process.pid}-abc`,
      `mape-image-1-${dead}-abc`,
      'trees',
      `mape-image-${dead}`,
    ];
    for (const name of [...kept, `mape-image-${namespace}-${dead}-abc`])
      mkdirSync(join(parent, name, 'x'), { recursive: true });
    await withTempDir(ports, parent, async () => undefined);
    expect(readdirSync(parent).sort()).toEqual([...kept].sort());
  });
});

describe('chooseSafeDir', () => {
  const candidate = (path: string, shared = false) => ({ path, shared });

  it('takes the first that make can bear, by its real path', async () => {
    const dir = createTempDir();
    mkdirSync(join(dir, 'with blank'));
    symlinkSync(join(dir, 'with blank'), join(dir, 'alias'));
    const paths = [
      join(dir, 'with blank'),
      join(dir, 'alias/new'),
      join(dir, 'キャッシュ'),
      join(dir, 'good/new'),
      join(dir, 'other'),
    ];
    expect(
      await chooseSafeDir(
        ports,
        paths.map((path) => candidate(path)),
      ),
    ).toBe(join(dir, 'good/new'));
    expect(readdirSync(dir).sort()).toEqual(['alias', 'good', 'with blank']);
  });

  it('passes over a git work tree, a folder that cannot be made and one that is open to others', async () => {
    const dir = createTempDir();
    mkdirSync(join(dir, 'project/.git'), { recursive: true });
    mkdirSync(join(dir, 'open'));
    spawnSync('chmod', ['0777', join(dir, 'open')]);
    const candidates = [
      candidate(join(dir, 'project/a/b')),
      candidate('/proc/none'),
      candidate(join(dir, 'open'), true),
    ];
    expect(await codeOf(chooseSafeDir(ports, candidates))).toBe('NO_SAFE_FOLDER');
    expect(await chooseSafeDir(ports, [...candidates, candidate(join(dir, 'last'), true)])).toBe(
      join(dir, 'last'),
    );
  });

  it('offers the folder chosen first, then those that every machine has', () => {
    const uid = process.getuid?.();
    const paths = safeDirCandidates(createTestPorts({ env: { TMPDIR: '/scratch' } }), '/cache').map(
      ({ path }) => path,
    );
    expect(paths).toEqual([
      '/cache',
      `/scratch/mape-image-${uid}`,
      `/var/tmp/mape-image-${uid}`,
      `/tmp/mape-image-${uid}`,
    ]);
  });
});

describe('execEnv', () => {
  it('passes what is listed and nothing else', () => {
    const parent = {
      PATH: '/bin',
      HOME: '/home/a b',
      TMPDIR: '/tmp/a b',
      MAKEFLAGS: '-n',
      MAKEOVERRIDES: 'x',
      PROFILE: 'p',
      FILES: '/f',
      PACKAGES: 'p',
      CDPATH: '/',
      IPKG_INSTROOT: '/',
      SOURCE_DATE_EPOCH: '1',
      LANG: 'ja_JP.UTF-8',
      BASH_ENV: '/evil',
      HTTPS_PROXY: 'http://proxy:3128',
    };
    expect(execEnv(parent, { gitCeilingDirs: ['/a', '/b'], sourceDateEpochSec: 7 })).toEqual({
      PATH: '/bin',
      HOME: '/home/a b',
      LC_ALL: 'C',
      TZ: 'UTC',
      https_proxy: 'http://proxy:3128',
      GIT_CEILING_DIRECTORIES: '/a:/b',
      SOURCE_DATE_EPOCH: '7',
    });
    expect(execEnv({ TMPDIR: '/scratch' }).TMPDIR).toBe('/scratch');
  });

  it.each([
    ['/var/tmp/mape-image', true],
    ['/a b', false],
    ["/a'b", false],
    ['/a$b', false],
    ['/家', false],
    ['relative', false],
    ['/a\n', false],
  ])('%j is safe: %s', (path, safe) => expect(isSafePath(path)).toBe(safe));
});
