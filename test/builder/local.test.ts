import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuilderErrorCode } from '../../src/builder/errors.ts';
import { loadBuilder } from '../../src/builder/index.ts';
import type { BuildRequest, BuiltImage, LocalBuilderOptions } from '../../src/builder/types.ts';
import { MapeImageError } from '../../src/errors.ts';
import type { Ports } from '../../src/io/ports.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { type Compiled, compileSources } from '../io/compiled.ts';
import { codeOf, createTestPorts, isAlive, until } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { C6, createSampleWorld, SAMPLE_TOOLS, type SampleWorld } from './sample.ts';

const makeOverlay = (secret: boolean) =>
  makeFileTree([
    [
      '/etc/uci-defaults/99-mape',
      { type: 'file', mode: 0o755, bytes: Buffer.from('#!/bin/sh\n'), secret: false },
    ],
    ['/etc/mape/key', { type: 'file', mode: 0o600, bytes: Buffer.from('of the house'), secret }],
  ]);
const OVERLAY = makeOverlay(true);

describe.skipIf(lacksTools(...SAMPLE_TOOLS))('the local builder on the sample ImageBuilder', () => {
  let world: SampleWorld;
  let trees: { opkg: string; apk: string };
  let count = 0;
  beforeAll(() => {
    world = createSampleWorld();
    trees = { opkg: world.tree('opkg', 'opkg'), apk: world.tree('apk', 'apk') };
  });
  afterAll(() => world.remove());

  const optionsFor = (imagebuilder: string): LocalBuilderOptions => ({
    imagebuilder,
    cacheDir: join(world.dir, 'cache'),
    logDir: join(world.dir, 'logs'),
  });
  const newFolder = () => {
    const dir = join(world.dir, `out${count++}`);
    mkdirSync(dir);
    return dir;
  };

  async function build(
    imagebuilder: string,
    change: Partial<BuildRequest> = {},
    ports: Ports = createTestPorts(),
    options: Partial<LocalBuilderOptions> = {},
  ): Promise<BuiltImage> {
    const engine = await loadBuilder('local');
    const request = {
      profile: C6,
      packages: ['map'],
      extraImageName: 'mape-1a2b3c4d',
      overlay: OVERLAY,
      outputDir: newFolder(),
      ...change,
    };
    return engine.withBuilder(ports, { ...optionsFor(imagebuilder), ...options }, (builder) =>
      builder.build(request),
    );
  }

  async function failureOf(promise: Promise<unknown>): Promise<MapeImageError> {
    try {
      await promise;
    } catch (error) {
      if (error instanceof MapeImageError) return error;
      throw error;
    }
    throw new TypeError('no failure');
  }

  describe.each(['opkg', 'apk'] as const)('%s', (flavour) => {
    it.each<[string, Partial<BuildRequest>, BuilderErrorCode, object]>([
      ['a dependency that does not exist', { packages: ['sample-broken-dep'] }, 'DEPENDENCY_UNSATISFIED', {}],
      [
        'packages that exclude each other',
        { packages: ['sample-conflict-a', 'sample-conflict-b'] },
        'PACKAGE_CONFLICT',
        {},
      ],
      ['packages with the same file', { packages: ['sample-clash-a', 'sample-clash-b'] }, 'FILE_CLASH', {}],
    ])('names %s', async (_, change, code, details) => {
      const error = await failureOf(build(trees[flavour], change));
      expect(error.code).toBe(code);
      expect(error.details).toMatchObject(details);
      expect(readFileSync(error.logPath ?? '', 'utf8')).toContain('make image');
    });
  });

  it('names what an apk tree has no package of, with the nearest', async () => {
    const error = await failureOf(build(trees.apk, { packages: ['map', 'lucy'] }));
    expect(error.code).toBe('PACKAGE_UNKNOWN');
    expect(error.details).toMatchObject({ packages: ['lucy'], near: ['luci'] });
  });

  it('gives the same bytes from another tree, a folder, an archive and another umask', async () => {
    const folder = join(world.dir, 'ダウンロード 置き場');
    mkdirSync(folder);
    const archive = world.archive(
      'opkg',
      'openwrt-imagebuilder-24.10.0-sample-ath79-generic.Linux-x86_64.tar.zst',
      folder,
    );
    const first = await build(trees.opkg);
    const ports = createTestPorts();
    const old = process.umask(0o077);
    try {
      const second = await build(archive, {}, ports);
      expect(second.sha256).toBe(first.sha256);
      expect(readFileSync(second.profilesJsonPath).equals(readFileSync(first.profilesJsonPath))).toBe(true);
    } finally {
      process.umask(old);
    }
    expect(ports.recorded.steps[0]).toBe('unpacked');
    const again = createTestPorts();
    const engine = await loadBuilder('local');
    await engine.withBuilder(again, optionsFor(archive), async () => undefined);
    expect(again.recorded.steps).not.toContain('unpacked');
  });

  it('lets no variable of the user into make, and stages the overlay with exact modes', async () => {
    const env = {
      PATH: process.env.PATH,
      MAKEFLAGS: '--dry-run',
      MAKEOVERRIDES: 'x',
      PROFILE: 'sample_small-flash',
      FILES: '/nonexistent',
      EXTRA_IMAGE_NAME: 'other',
    };
    const tree = trees.apk;
    // The root file system that the image was made of stays in the tree where it holds no secret.
    const built = await build(tree, { overlay: makeOverlay(false) }, createTestPorts({ env }));
    expect(built.imageName).toContain(C6);
    const [root = ''] = readdirSync(join(tree, 'build_dir')).map((name) =>
      join(tree, 'build_dir', name, 'root-ath79'),
    );
    const mode = (path: string) =>
      createTestPorts().exec.run({
        file: 'stat',
        args: ['-c', '%a', join(root, path)],
        env: { PATH: process.env.PATH ?? '' },
      });
    expect((await mode('etc/mape/key')).stdout).toBe('600\n');
    expect((await mode('etc/uci-defaults/99-mape')).stdout).toBe('755\n');
    expect((await mode('.')).stdout).toBe('755\n');
  });

  const copiesIn = (tree: string) => {
    const target = join(tree, 'build_dir', 'target-mips_24kc_musl');
    return ['root-ath79', 'linux-ath79_generic/root.squashfs', 'linux-ath79_generic/tmp'].filter((name) =>
      existsSync(join(target, name)),
    );
  };

  it('leaves no copy of an overlay with a secret in the tree where the build fails', async () => {
    const error = await failureOf(build(trees.apk, { profile: 'sample_small-flash' }));
    expect(error.code).toBe('IMAGE_TOO_BIG');
    expect(copiesIn(trees.apk)).toEqual([]);
  });

  it('names a feed that cannot be reached', async () => {
    const tree = world.tree('opkg', 'offline');
    const conf = join(tree, 'repositories.conf');
    writeFileSync(
      conf,
      `src/gz openwrt_luci https://downloads.openwrt.org/x/luci\n${readFileSync(conf, 'utf8')}`,
    );
    const error = await failureOf(build(tree, { packages: ['luci-app-elsewhere'] }));
    expect(error).toMatchObject({ code: 'FEED_UNREACHABLE', kind: 'unavailable' });
    expect((await build(tree)).installed.has('map')).toBe(true);
  });

  it.each([
    ['opkg', 'map_', 'PACKAGE_CORRUPT', { package: 'map' }],
    ['apk', 'map-', 'PACKAGE_CORRUPT', { package: 'map-7' }],
  ] as const)('names a package file that was damaged, %s', async (flavour, start, code, details) => {
    const tree = world.tree(flavour, `damaged-${flavour}`);
    const name = readdirSync(join(tree, 'packages')).find((file) => file.startsWith(start)) ?? '';
    writeFileSync(join(tree, 'packages', name), 'not a package');
    const error = await failureOf(build(tree));
    expect(error).toMatchObject({ code, details });
  });

  it('names a tree that lost a part', async () => {
    const tree = world.tree('opkg', 'broken');
    writeFileSync(
      join(tree, 'Makefile'),
      `include $(TOPDIR)/include/gone.mk\n${readFileSync(join(tree, 'Makefile'), 'utf8')}`,
    );
    expect(await codeOf(build(tree))).toBe('TREE_BROKEN');
  });

  it('refuses an image without base-files, which make is content with', async () => {
    const error = await failureOf(build(trees.opkg, { packages: ['-base-files'] }));
    expect(error).toMatchObject({ code: 'ESSENTIAL_PACKAGE_MISSING', kind: 'verification' });
    expect(existsSync(error.logPath ?? '')).toBe(true);
  });

  it('without a log folder the log stays in the output folder', async () => {
    const outputDir = newFolder();
    const engine = await loadBuilder('local');
    const { imagebuilder, cacheDir } = optionsFor(trees.apk);
    const request = { profile: C6, packages: ['nope'], extraImageName: '', overlay: OVERLAY, outputDir };
    const error = await failureOf(
      engine.withBuilder(createTestPorts(), { imagebuilder, cacheDir }, (builder) => builder.build(request)),
    );
    expect(error.logPath).toBe(join(outputDir, 'build.log'));
    expect(existsSync(join(outputDir, 'build.log'))).toBe(true);
  });

  /** Names of the folders that builds are staged in. */
  const staged = () => readdirSync(join(world.dir, 'cache/work'));
  const slow = { profile: 'sample_big-flash', packages: ['sample-ballast'] };

  it('two builds in one tree wait for each other, and leave no copy of a secret there', async () => {
    const ports = [createTestPorts(), createTestPorts()];
    const both = await Promise.all(ports.map((own) => build(trees.apk, {}, own)));
    expect(both[0]?.sha256).toBe(both[1]?.sha256);
    expect(copiesIn(trees.apk)).toEqual([]);
    expect(
      ports.flatMap(({ recorded }) => recorded.progress).filter(({ id }) => id === 'waiting-for-tree'),
    ).toHaveLength(1);
  });

  describe('when this program is killed', () => {
    let compiled: Compiled;
    beforeAll(() => {
      compiled = compileSources();
    });
    afterAll(() => compiled.remove());

    it('make ends, the tree is free, and the next build clears up', async () => {
      const tree = world.tree('opkg', 'killed');
      const marks = join(world.dir, 'marks');
      const script = compiled.script(
        'build.js',
        `import { appendFileSync } from 'node:fs';
         import { createNodePorts } from './io/node.js';
         import { loadBuilder } from './builder/index.js';
         const [options, request, marks] = process.argv.slice(2);
         const mark = (id) => appendFileSync(marks, id + '\\n');
         const reporter = { step: mark, progress: mark, warn() {}, detail() {} };
         const ports = createNodePorts({ reporter, signal: new AbortController().signal, env: process.env, cwd: '/' });
         const engine = await loadBuilder('local');
         await engine.withBuilder(ports, JSON.parse(options), (builder) => builder.build({ ...JSON.parse(request), overlay: new Map() }));`,
      );
      appendFileSync(marks, '');
      const request = { ...slow, extraImageName: '', outputDir: newFolder() };
      const child: ChildProcess = spawn(
        process.execPath,
        [script, JSON.stringify(optionsFor(tree)), JSON.stringify(request), marks],
        { stdio: 'inherit' },
      );
      await until(() => readFileSync(marks, 'utf8').includes('building-images'));
      const makes = processesIn(tree);
      expect(makes.length).toBeGreaterThan(0);
      child.kill('SIGKILL');
      await until(() => makes.every((pid) => !isAlive(pid)));
      expect(staged()).toHaveLength(1);
      expect((await build(tree)).installed.has('map')).toBe(true);
      expect(staged()).toEqual([]);
    });
  });
});

/** Processes whose working folder is in a tree. */
function processesIn(tree: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(tree);
      } catch {
        return false;
      }
    })
    .map(Number);
}
