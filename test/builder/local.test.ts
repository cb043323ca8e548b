import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { parseFwtool } from '../../src/image/fwtool.ts';
import type { Ports } from '../../src/io/ports.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { parseProfilesJson } from '../../src/release/profiles-json.ts';
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
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

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
    it('builds, judges and delivers an image that holds what was asked for', async () => {
      const ports = createTestPorts();
      const built = await build(trees[flavour], {}, ports);

      expect(built.imageName).toContain('mape-1a2b3c4d');
      expect(built).toMatchObject({
        imageType: 'sysupgrade',
        sha256: sha256(built.imagePath),
        sha256Unsigned: built.sha256,
      });
      expect(built.installed.has('map')).toBe(true);
      expect(parseFwtool(readFileSync(built.imagePath)).chunks.map(({ type }) => type)).toEqual(['metadata']);
      const [image] =
        parseProfilesJson(readFileSync(built.profilesJsonPath, 'utf8')).profiles[C6]?.images ?? [];
      expect(image).toMatchObject({ name: built.imageName, sha256: built.sha256 });
      expect(built.kernelBytes).toBe(flavour === 'opkg' ? 2_618_359 : 2_739_039);
      expect(built.rootfsBytes).toBeGreaterThan(100_000);
      const outputDir = join(built.imagePath, '..');
      expect(readdirSync(outputDir).sort()).toEqual(
        [built.imageName, built.manifestPath, built.bomPath ?? '', 'profiles.json', 'build.log']
          .map((path) => path.split('/').at(-1))
          .sort(),
      );

      expect(built.logPath).toBe(join(outputDir, 'build.log'));
      const log = readFileSync(built.logPath, 'utf8');
      expect(log).toMatch(/^\$ cd .*\n\$ make image PROFILE=tplink_archer-c6-v2 PACKAGES=map FILES=/);
      expect(log).toContain('Calculating checksums...');
      expect(log).not.toContain('of the house');
      expect(ports.recorded.steps).toEqual([
        'locked-tree',
        'read-make-info',
        'staged-overlay',
        ...(flavour === 'opkg' ? ['stripped-signature'] : []),
        'made-image',
        'checked-image',
      ]);
      const counted = ports.recorded.progress.filter(({ total }) => total !== undefined);
      expect(counted.at(-1)?.done).toBe(counted.at(-1)?.total);
    });

    it('says what the tree is', async () => {
      const engine = await loadBuilder('local');
      const info = await engine.withBuilder(
        createTestPorts(),
        optionsFor(trees[flavour]),
        async (builder) => builder.info,
      );
      expect(info).toMatchObject(
        flavour === 'opkg'
          ? { version: '24.10.0-sample', packageManager: 'opkg', sourceDateEpochSec: 1_735_689_600 }
          : { version: '25.12.0-sample', packageManager: 'apk', sourceDateEpochSec: 1_767_225_600 },
      );
      expect(info.target).toBe('ath79/generic');
      expect(info.profiles.map(({ id }) => id)).toContain(C6);
      expect(info.defaultPackages).toContain('base-files');
    });

    it.each<[string, Partial<BuildRequest>, BuilderErrorCode, object]>([
      [
        'a package that does not exist',
        { packages: ['map', 'lucy'] },
        'PACKAGE_UNKNOWN',
        { packages: ['lucy'], near: ['luci'] },
      ],
      ['a dependency that does not exist', { packages: ['sample-broken-dep'] }, 'DEPENDENCY_UNSATISFIED', {}],
      [
        'packages that exclude each other',
        { packages: ['sample-conflict-a', 'sample-conflict-b'] },
        'PACKAGE_CONFLICT',
        {},
      ],
      ['packages with the same file', { packages: ['sample-clash-a', 'sample-clash-b'] }, 'FILE_CLASH', {}],
      ['a device that is too small', { profile: 'sample_small-flash' }, 'IMAGE_TOO_BIG', {}],
    ])('names %s', async (_, change, code, details) => {
      const error = await failureOf(build(trees[flavour], change));
      expect(error.code).toBe(code);
      if (code !== 'IMAGE_TOO_BIG') expect(error.details).toMatchObject(details);
      else {
        const { sizeBytes, limitBytes, overBytes } = error.details;
        expect(Number(sizeBytes) - Number(limitBytes)).toBe(overBytes);
        expect(overBytes).toBeGreaterThan(0);
      }
      expect(readFileSync(error.logPath ?? '', 'utf8')).toContain('make image');
    });
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

  it('leaves no copy of an overlay with a secret in the tree, also where the build fails', async () => {
    const tree = trees.apk;
    const target = join(tree, 'build_dir', 'target-mips_24kc_musl');
    const copies = () =>
      ['root-ath79', 'linux-ath79_generic/root.squashfs', 'linux-ath79_generic/tmp'].filter((name) =>
        existsSync(join(target, name)),
      );
    await build(tree);
    expect(copies()).toEqual([]);
    await failureOf(build(tree, { profile: 'sample_small-flash' }));
    expect(copies()).toEqual([]);
  });

  it('refuses a profile before anything runs, with the nearest', async () => {
    const error = await failureOf(build(trees.opkg, { profile: 'tplink_archer-c6v2' }));
    expect(error).toMatchObject({ code: 'PROFILE_UNKNOWN', kind: 'input' });
    expect(error.details.near).toContain(C6);
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
  const isPacking = (ports: ReturnType<typeof createTestPorts>) =>
    ports.recorded.progress.some(({ id }) => id === 'building-images');

  it('an abort ends every process and leaves nothing staged', async () => {
    const controller = new AbortController();
    const ports = createTestPorts({ signal: controller.signal });
    const building = failureOf(build(trees.opkg, slow, ports));
    await until(() => isPacking(ports));
    const makes = processesIn(trees.opkg);
    expect(makes.length).toBeGreaterThan(0);
    controller.abort();
    expect((await building).kind).toBe('interrupted');
    expect(makes.filter(isAlive)).toEqual([]);
    expect(staged()).toEqual([]);
    expect((await build(trees.opkg)).installed.has('map')).toBe(true);
  });

  it('a build that takes too long is ended and says so', async () => {
    const error = await failureOf(build(trees.opkg, slow, createTestPorts(), { timeoutMs: 1500 }));
    expect(error).toMatchObject({ code: 'BUILD_TIMEOUT', kind: 'tool' });
    expect(existsSync(error.logPath ?? '')).toBe(true);
    expect(staged()).toEqual([]);
  });

  it('two builds in one tree wait for each other', async () => {
    const ports = [createTestPorts(), createTestPorts()];
    const both = await Promise.all(ports.map((own) => build(trees.apk, {}, own)));
    expect(both[0]?.sha256).toBe(both[1]?.sha256);
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
