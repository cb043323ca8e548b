import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuilderErrorCode } from '../../src/builder/errors.ts';
import { loadBuilder } from '../../src/builder/index.ts';
import type { BuilderOptions, BuildRequest, BuiltImage, OpenBuilder } from '../../src/builder/types.ts';
import { MapeImageError } from '../../src/errors.ts';
import { parseFwtool } from '../../src/image/fwtool.ts';
import type { Ports } from '../../src/io/ports.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { parseProfilesJson } from '../../src/release/profiles-json.ts';
import { createTestPorts, isAlive, until } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { createFakeTool, type FakeTool } from './fake-container-tool.ts';
import { importHostImage, listContainers, removeHostImage, whyNoPodman } from './real-podman.ts';
import { C6, createSampleWorld, SAMPLE_TOOLS, type SampleWorld } from './sample.ts';

const IMAGE = 'example.org/openwrt/imagebuilder:ath79-generic-v24.10.0';
const DIGEST = 'd'.repeat(64);
const OVERLAY = makeFileTree([
  [
    '/etc/uci-defaults/99-mape',
    { type: 'file', mode: 0o755, bytes: Buffer.from('#!/bin/sh\n'), secret: false },
  ],
  ['/etc/mape', { type: 'directory', mode: 0o700 }],
  ['/etc/mape/key', { type: 'file', mode: 0o600, bytes: Buffer.from('of the house'), secret: true }],
  ['/etc/mape/link', { type: 'symlink', target: 'key' }],
]);
const slow = { profile: 'sample_big-flash', packages: ['sample-ballast'] };
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

type Flavour = 'opkg' | 'apk';
type Use<T> = (builder: OpenBuilder) => Promise<T>;

/** One engine as the contract sees it. */
interface Subject {
  /** What is built here; the engines take turns, and what differs by package manager the local one shows for both. */
  readonly flavours: readonly [Flavour, ...Flavour[]];
  /** Ports on which the engine finds what it needs. */
  ports(options?: { readonly signal?: AbortSignal }): ReturnType<typeof createTestPorts>;
  open<T>(ports: Ports, flavour: Flavour, options: BuilderOptions, use: Use<T>): Promise<T>;
  /** What an opening left behind, by name. */
  leftovers(): readonly string[];
}

let world: SampleWorld;
let trees: Readonly<Record<Flavour, string>>;
let archives: Readonly<Record<Flavour, string>>;
let count = 0;

const newFolder = (start = 'out') => {
  const dir = join(world.dir, `${start}${count++}`);
  mkdirSync(dir);
  return dir;
};

function local(): Subject {
  return {
    flavours: ['opkg', 'apk'],
    ports: (options) => createTestPorts(options),
    open: async (ports, flavour, options, use) =>
      (await loadBuilder('local')).withBuilder(ports, { ...options, imagebuilder: trees[flavour] }, use),
    leftovers: () => [],
  };
}

/** The fake with images that have their ImageBuilder, or a given archive sent into one that has none. */
function faked(program: 'podman' | 'docker', from: 'image' | 'archive'): Subject & { fake: FakeTool } {
  const fake = createFakeTool(newFolder('fake'), program);
  const [bare, full] = [newFolder('bare'), { opkg: newFolder('image'), apk: newFolder('image') }];
  mkdirSync(join(bare, 'builder'));
  const link = (flavour: Flavour) =>
    createTestPorts().exec.run({
      file: 'cp',
      args: ['-a', trees[flavour], join(full[flavour], 'builder')],
      env: { PATH: process.env.PATH ?? '' },
    });
  const images = (flavour: Flavour) => ({
    [IMAGE]: { files: from === 'image' ? full[flavour] : bare, digest: DIGEST, at: 'here' } as const,
  });
  const made = new Set<Flavour>();
  return {
    fake,
    flavours: [from === 'image' ? 'apk' : 'opkg'],
    ports: (options) =>
      createTestPorts({
        ...options,
        env: {
          PATH: `${fake.binDir}:${process.env.PATH}`,
          HOME: '/nonexistent',
          MAPE_IMAGE_CONTAINER_TOOL: program,
        },
      }),
    async open(ports, flavour, options, use) {
      if (from === 'image' && !made.has(flavour)) await link(flavour);
      made.add(flavour);
      fake.setImages(images(flavour));
      const given = from === 'image' ? undefined : archives[flavour];
      const engine = await loadBuilder('container');
      return engine.withBuilder(ports, { ...options, image: IMAGE, imagebuilder: given }, use);
    },
    leftovers: () => fake.containers(),
  };
}

const podmanReason = whyNoPodman();
if (podmanReason !== undefined) console.log(`skipped, no real podman: ${podmanReason}`);

/** A real podman with an image made of this machine's programs, and no network. */
function real(): Subject {
  const image = importHostImage(newFolder('podman'));
  return {
    flavours: ['opkg', 'apk'],
    ports: (options) =>
      createTestPorts({ ...options, env: { ...process.env, MAPE_IMAGE_CONTAINER_TOOL: 'podman' } }),
    open: async (ports, flavour, options, use) =>
      (await loadBuilder('container')).withBuilder(
        ports,
        { ...options, image, imagebuilder: archives[flavour], offline: true },
        use,
      ),
    leftovers: () => listContainers(),
  };
}

const SUBJECTS: readonly (readonly [name: string, make: () => Subject])[] = [
  ['the local engine', local],
  ['podman, the ImageBuilder of the image', () => faked('podman', 'image')],
  ['docker, an archive sent in', () => faked('docker', 'archive')],
  ...(podmanReason === undefined ? [['a real podman', real] as const] : []),
];

describe.skipIf(lacksTools(...SAMPLE_TOOLS))('every engine', () => {
  const images = new Map<string, string>();
  beforeAll(() => {
    world = createSampleWorld();
    trees = { opkg: world.tree('opkg', 'opkg'), apk: world.tree('apk', 'apk') };
    archives = {
      opkg: world.archive('opkg', 'openwrt-imagebuilder-24.10.0-sample-ath79-generic.Linux-x86_64.tar.zst'),
      apk: world.archive('apk', 'openwrt-imagebuilder-25.12.0-sample-ath79-generic.Linux-x86_64.tar.xz'),
    };
  });
  afterAll(() => {
    world.remove();
    if (podmanReason === undefined) removeHostImage();
  });

  describe.each(SUBJECTS)('%s', (_name, make) => {
    let subject: Subject;
    let cacheDir: string;
    beforeAll(() => {
      subject = make();
      cacheDir = newFolder('cache');
    });

    function build(
      flavour: Flavour,
      change: Partial<BuildRequest> = {},
      ports: Ports = subject.ports(),
      options: Partial<BuilderOptions> = {},
    ): Promise<BuiltImage> {
      const request = {
        profile: C6,
        packages: ['map'],
        extraImageName: 'mape-1a2b3c4d',
        overlay: OVERLAY,
        outputDir: newFolder(),
        ...change,
      };
      const all = { cacheDir, logDir: join(cacheDir, 'logs'), ...options };
      return subject.open(ports, flavour, all, (builder) => builder.build(request));
    }

    const staged = () => {
      const work = join(cacheDir, 'work');
      return existsSync(work) ? readdirSync(work) : [];
    };
    const expectNothingLeft = () => expect([...staged(), ...subject.leftovers()]).toEqual([]);

    it('builds the same image and delivers it whole', async () => {
      for (const flavour of subject.flavours) {
        const ports = subject.ports();
        const built = await build(flavour, {}, ports);
        expect(images.get(flavour) ?? built.sha256).toBe(built.sha256);
        images.set(flavour, built.sha256);
        expect(built).toMatchObject({
          imageType: 'sysupgrade',
          sha256: sha256(built.imagePath),
          sha256Unsigned: built.sha256,
          kernelBytes: flavour === 'opkg' ? 2_618_359 : 2_739_039,
        });
        expect(built.imageName).toContain('mape-1a2b3c4d');
        expect(built.installed.has('map')).toBe(true);
        expect(built.rootfsBytes).toBeGreaterThan(100_000);
        expect(built.packageFiles.map(({ name }) => name)).toContain('map');
        const { chunks } = parseFwtool(readFileSync(built.imagePath));
        expect(chunks.map(({ type }) => type)).toEqual(['metadata']);
        const { profiles } = parseProfilesJson(readFileSync(built.profilesJsonPath, 'utf8'));
        expect(profiles[C6]?.images[0]).toMatchObject({ name: built.imageName, sha256: built.sha256 });
        const outputDir = join(built.imagePath, '..');
        expect(built.logPath).toBe(join(outputDir, 'build.log'));
        expect(readdirSync(outputDir).sort()).toEqual(
          [built.imageName, built.manifestPath, built.bomPath ?? '', 'profiles.json', 'build.log']
            .map((path) => basename(path))
            .sort(),
        );
        const log = readFileSync(built.logPath, 'utf8');
        expect(log).toMatch(/^\$ cd .*\n\$ make image PROFILE=tplink_archer-c6-v2 PACKAGES=map FILES=/);
        expect(log).toContain('Calculating checksums...');
        expect(log).not.toContain('of the house');
        expect(ports.recorded.steps.slice(ports.recorded.steps.indexOf('read-make-info'))).toEqual([
          'read-make-info',
          'staged-overlay',
          ...(flavour === 'opkg' ? ['stripped-signature'] : []),
          'made-image',
          'checked-image',
        ]);
        const counted = ports.recorded.progress.filter(({ total }) => total !== undefined);
        expect(counted.at(-1)?.done).toBe(counted.at(-1)?.total);
        expectNothingLeft();
      }
    });

    it.each(['opkg', 'apk'] as const)('says what the ImageBuilder is: %s', async (flavour) => {
      const { info, source } = await subject.open(
        subject.ports(),
        flavour,
        { cacheDir },
        async (open) => open,
      );
      expect(info).toMatchObject(
        flavour === 'opkg'
          ? { version: '24.10.0-sample', packageManager: 'opkg', sourceDateEpochSec: 1_735_689_600 }
          : { version: '25.12.0-sample', packageManager: 'apk', sourceDateEpochSec: 1_767_225_600 },
      );
      expect(info.target).toBe('ath79/generic');
      expect(info.profiles.map(({ id }) => id)).toContain(C6);
      expect(info.defaultPackages).toContain('base-files');
      expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(source.name).not.toContain(world.dir);
      expectNothingLeft();
    });

    it.each<[string, Partial<BuildRequest>, BuilderErrorCode, object]>([
      [
        'a package that does not exist',
        { packages: ['map', 'lucy'] },
        'PACKAGE_UNKNOWN',
        { packages: ['lucy'], near: ['luci'] },
      ],
      [
        'a device that is too small',
        { profile: 'sample_small-flash' },
        'IMAGE_TOO_BIG',
        { image: 'sysupgrade' },
      ],
      [
        'a profile it does not have',
        { profile: 'tplink_archer-c6v2' },
        'PROFILE_UNKNOWN',
        { near: expect.arrayContaining([C6]) },
      ],
      ['arguments that make would run', { extraImageName: '$(id)' }, 'ARGUMENT_UNSAFE', {}],
    ])('refuses %s', async (_, change, code, details) => {
      const error = await failureOf(build(subject.flavours[0], change));
      expect(error.code).toBe(code);
      expect(error.details).toMatchObject(details);
      if (code === 'IMAGE_TOO_BIG') {
        const { sizeBytes, limitBytes, overBytes } = error.details;
        expect(Number(sizeBytes) - Number(limitBytes)).toBe(overBytes);
        expect(overBytes).toBeGreaterThan(0);
      }
      if (!['PROFILE_UNKNOWN', 'ARGUMENT_UNSAFE'].includes(code))
        expect(readFileSync(error.logPath ?? '', 'utf8')).toContain('make image');
      expectNothingLeft();
    });

    it('an abort ends every process and leaves nothing', async () => {
      const controller = new AbortController();
      const ports = subject.ports({ signal: controller.signal });
      const building = failureOf(build(subject.flavours[0], slow, ports));
      await until(() => ports.recorded.progress.some(({ id }) => id === 'building-images'));
      const makes = processesBelow(world.dir);
      if (make !== real) expect(makes.length).toBeGreaterThan(0);
      controller.abort();
      expect((await building).kind).toBe('interrupted');
      await until(() => !makes.some(isAlive));
      expectNothingLeft();
    });

    it('a build that takes too long is ended and says so', async () => {
      const error = await failureOf(build(subject.flavours[0], slow, subject.ports(), { timeoutMs: 1_000 }));
      expect(error).toMatchObject({ code: 'BUILD_TIMEOUT', kind: 'tool' });
      expect(existsSync(error.logPath ?? '')).toBe(true);
      expectNothingLeft();
    });

    it('builds again after all that, twice in one opening', async () => {
      const [flavour] = subject.flavours;
      const request = { profile: C6, packages: ['map'], extraImageName: 'mape-1a2b3c4d', overlay: OVERLAY };
      await subject.open(subject.ports(), flavour, { cacheDir }, async (builder) => {
        const wrong = { ...request, packages: ['lucy'], outputDir: newFolder() };
        expect((await failureOf(builder.build(wrong))).code).toBe('PACKAGE_UNKNOWN');
        const { sha256: again } = await builder.build({ ...request, outputDir: newFolder() });
        expect(again).toBe(images.get(flavour));
      });
    });

    it('tells sizes of package files where it can see them', async () => {
      const [flavour] = subject.flavours;
      const sizes = await subject.open(subject.ports(), flavour, { cacheDir }, (builder) =>
        builder.packageFileBytes(),
      );
      if (make === local) expect(sizes.get('map')).toBe(statSync(packageFile(trees.opkg, 'map_')).size);
      expect([...sizes.values()].every((sizeBytes) => sizeBytes > 0)).toBe(true);
    });
  });
});

function packageFile(tree: string, start: string): string {
  const folder = join(tree, 'packages');
  return join(folder, readdirSync(folder).find((name) => name.startsWith(start)) ?? '');
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

/** Processes that work in a folder; those of a real container are not among them. */
function processesBelow(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    })
    .map(Number);
}
