import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isFixed, openwrtImage, parseImageReference } from '../../src/builder/container/image-reference.ts';
import { explainCall } from '../../src/builder/container/tool-failures.ts';
import type { BuilderErrorCode } from '../../src/builder/errors.ts';
import { loadBuilder } from '../../src/builder/index.ts';
import type { ContainerBuilderOptions, OpenBuilder } from '../../src/builder/types.ts';
import { MapeImageError } from '../../src/errors.ts';
import { type Compiled, compileSources } from '../io/compiled.ts';
import { codeOf, createTestPorts, until } from '../io/ports.ts';
import { lacksTools } from '../io/tools.ts';
import { createFakeTool, type FakeImage, type FakeTool } from './fake-container-tool.ts';
import { C6, createSampleWorld, SAMPLE_TOOLS, type SampleWorld } from './sample.ts';

const REPOSITORY = 'example.org/openwrt/imagebuilder';
const IMAGE = `${REPOSITORY}:ath79-generic-v24.10.0`;
const DIGEST = 'd'.repeat(64);

const nothing = async () => undefined;

describe('parseImageReference', () => {
  it.each([
    [
      'ghcr.io/openwrt/imagebuilder:ath79-generic-v24.10.4',
      'ghcr.io/openwrt/imagebuilder',
      'ath79-generic-v24.10.4',
    ],
    ['localhost:5000/ib', 'localhost:5000/ib', undefined],
    ['ib:1', 'ib', '1'],
  ])('reads %s', (text, repository, tag) =>
    expect(parseImageReference(text)).toEqual({ text, repository, tag, digest: undefined }),
  );
  it('reads a digest', () =>
    expect(parseImageReference(`${IMAGE}@sha256:${DIGEST}`).digest).toBe(`sha256:${DIGEST}`));

  it.each(['', '--privileged', 'a b', 'x@sha256:12', 'x/Y', 'a:', '-v', 'a/../b', 'a\n'])(
    'refuses %j',
    (text) =>
      expect(() => parseImageReference(text)).toThrowError(
        expect.objectContaining({ code: 'CONTAINER_IMAGE_INVALID' }),
      ),
  );

  it('takes nothing that the program would read as an option, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        try {
          expect(parseImageReference(text).text).toMatch(/^[A-Za-z0-9][\w./:@-]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(MapeImageError);
        }
      }),
    );
  });

  it.each([
    ['24.10.4', 'ath79-generic-v24.10.4', true],
    ['25.12.0-rc3', 'ath79-generic-v25.12.0-rc3', true],
    ['24.10-SNAPSHOT', 'ath79-generic-openwrt-24.10', false],
    ['SNAPSHOT', 'ath79-generic-main', false],
  ])('names the image of %s as OpenWrt does', (version, tag, fixed) => {
    const name = openwrtImage(version, 'ath79/generic');
    expect(name).toBe(`ghcr.io/openwrt/imagebuilder:${tag}`);
    expect(isFixed(parseImageReference(name))).toBe(fixed);
  });
});

describe('explainCall', () => {
  it.each<[string, 'podman' | 'docker', string, BuilderErrorCode]>([
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'docker',
      'image inspect',
      'CONTAINER_TOOL_UNREACHABLE',
    ],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
      'docker',
      'image inspect',
      'CONTAINER_TOOL_UNREACHABLE',
    ],
    [
      'Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`',
      'podman',
      'image inspect',
      'CONTAINER_TOOL_UNREACHABLE',
    ],
    [
      'Error response from daemon: manifest for ghcr.io/openwrt/imagebuilder:x not found: manifest unknown',
      'docker',
      'pull',
      'CONTAINER_IMAGE_UNKNOWN',
    ],
    [
      'Error: initializing source docker://ghcr.io/openwrt/imagebuilder:x: reading manifest x: manifest unknown',
      'podman',
      'pull',
      'CONTAINER_IMAGE_UNKNOWN',
    ],
    ['dial tcp: lookup ghcr.io: no such host', 'docker', 'pull', 'CONTAINER_PULL_FAILED'],
    ['write /var/lib/x: no space left on device', 'podman', 'pull', 'CONTAINER_DISK_FULL'],
    ['exec /bin/sh: exec format error', 'docker', 'run', 'CONTAINER_PLATFORM'],
    [
      'Error: crun: setrlimit: Operation not permitted: OCI permission denied',
      'podman',
      'run',
      'CONTAINER_FAILED',
    ],
    ['', 'podman', 'exec', 'CONTAINER_FAILED'],
  ])('%s', (stderr, program, action, code) =>
    expect(explainCall({ program, action, image: IMAGE, exitCode: 125, stderr }).code).toBe(code),
  );
});

describe.skipIf(lacksTools(...SAMPLE_TOOLS))('the container engine', () => {
  let world: SampleWorld;
  let fake: FakeTool;
  let full: string;
  let count = 0;
  const newFolder = () => {
    const dir = join(world.dir, `dir${count++}`);
    mkdirSync(dir);
    return dir;
  };
  beforeAll(() => {
    world = createSampleWorld();
    full = newFolder();
    world.tree('opkg', `${full.split('/').at(-1)}/builder`);
  });
  afterAll(() => world.remove());
  beforeEach(() => {
    fake = createFakeTool(newFolder(), 'podman');
    set({});
  });

  const set = (change: Partial<FakeImage>) =>
    fake.setImages({ [IMAGE]: { files: full, digest: DIGEST, at: 'here', ...change } });
  const envWith = (extra: Readonly<Record<string, string>> = {}) => ({
    PATH: `${fake.binDir}:${process.env.PATH}`,
    HOME: '/nonexistent',
    MAPE_IMAGE_CONTAINER_TOOL: 'podman',
    ...extra,
  });
  async function open<T>(
    options: Partial<ContainerBuilderOptions>,
    use: (builder: OpenBuilder) => Promise<T>,
    ports = createTestPorts({ env: envWith() }),
  ): Promise<T> {
    const engine = await loadBuilder('container');
    return engine.withBuilder(ports, { image: IMAGE, cacheDir: join(world.dir, 'cache'), ...options }, use);
  }
  const build = (builder: OpenBuilder, change = {}) =>
    builder.build({
      profile: C6,
      packages: ['map'],
      extraImageName: '',
      overlay: new Map(),
      outputDir: newFolder(),
      ...change,
    });
  const verbs = () => fake.calls().map(([verb]) => verb);

  it('runs the image by its content, gives it no file and no right of this machine, and removes it', async () => {
    const info = await open({}, async (builder) => builder.info);
    expect(info.containerImage).toBe(`${REPOSITORY}@sha256:${DIGEST}`);
    const run = fake.calls().find(([verb]) => verb === 'run') ?? [];
    expect(run).toContain(`f${DIGEST.slice(1)}`);
    expect(run).toEqual(expect.arrayContaining(['--rm', '--pull=never', '--cap-drop=all']));
    expect(
      fake
        .calls()
        .flat()
        .filter((arg) => /^(?:-v|--volume|--mount|--privileged)\b/.test(arg)),
    ).toEqual([]);
    expect(run).not.toContain('--network=none');
    expect(fake.containers()).toEqual([]);
  });

  it('pulls for the platform of the ImageBuilder what is not there, and nothing twice', async () => {
    set({ at: 'server' });
    await open({}, nothing);
    expect(fake.calls()).toContainEqual(['pull', '--quiet', '--platform=linux/amd64', IMAGE]);
    fake.forgetCalls();
    await open({}, nothing);
    expect(verbs()).not.toContain('pull');
  });

  it('asks for a tag that moves each time', async () => {
    const image = `${REPOSITORY}:ath79-generic-main`;
    fake.setImages({ [image]: { files: full, digest: DIGEST, at: 'here' } });
    await open({ image }, nothing);
    expect(verbs()).toContain('pull');
  });

  it('opens no connection offline, and gives none to the container', async () => {
    await open({ offline: true }, nothing);
    expect(verbs()).not.toContain('pull');
    expect(fake.calls().find(([verb]) => verb === 'run')).toContain('--network=none');
    set({ at: 'server' });
    fake.forgetCalls();
    expect(await codeOf(open({ offline: true }, nothing))).toBe('CONTAINER_IMAGE_NOT_CACHED');
    expect(verbs()).toEqual(['image']);
  });

  it('takes an image by digest, and no other bytes', async () => {
    const { source } = await open({ image: `${REPOSITORY}@sha256:${DIGEST}` }, async (builder) => builder);
    expect(source).toMatchObject({ kind: 'container', sha256: DIGEST });
    fake.setImages({
      [`${REPOSITORY}@sha256:${'e'.repeat(64)}`]: { files: full, digest: DIGEST, at: 'here' },
    });
    expect(await codeOf(open({ image: `${REPOSITORY}@sha256:${'e'.repeat(64)}` }, nothing))).toBe(
      'CONTAINER_DIGEST_MISMATCH',
    );
  });

  it('shows no value of a proxy in the arguments of the program', async () => {
    const secret = 'http://me:secret@127.0.0.1:9';
    await open({}, nothing, createTestPorts({ env: envWith({ HTTPS_PROXY: secret }) }));
    expect(fake.calls().flat().join(' ')).not.toContain('secret');
    expect(fake.calls().flat()).toContain('--env=https_proxy');
  });

  it('sends a folder in and builds with it', async () => {
    const bare = newFolder();
    mkdirSync(join(bare, 'builder'));
    set({ files: bare });
    const tree = world.tree('apk', 'given');
    const image = await open({ imagebuilder: tree }, (builder) => build(builder));
    expect(image.installed.has('map')).toBe(true);
    expect(fake.containers()).toEqual([]);
  });

  it("runs the image's own script where it has no ImageBuilder yet", async () => {
    const lazy = newFolder();
    mkdirSync(join(lazy, 'builder'));
    writeFileSync(join(lazy, 'builder/setup.sh'), `cp -a '${full}/builder/.' .\n`);
    set({ files: lazy });
    expect((await open({}, async (builder) => builder.info)).version).toBe('24.10.0-sample');
    expect(await codeOf(open({ offline: true }, nothing))).toBe('CONTAINER_NO_IMAGEBUILDER');
    writeFileSync(join(lazy, 'builder/setup.sh'), 'echo gpg: BAD signature >&2; exit 1\n');
    const failure = open({}, nothing);
    await expect(failure).rejects.toMatchObject({ code: 'CONTAINER_SETUP_FAILED' });
  });

  it.each<[string, () => void, Partial<ContainerBuilderOptions>, BuilderErrorCode]>([
    ['a tag that no server has', () => fake.setImages({}), {}, 'CONTAINER_IMAGE_UNKNOWN'],
    ['a name that is none', () => undefined, { image: '--privileged' }, 'CONTAINER_IMAGE_INVALID'],
    ['an image for another processor', () => set({ architecture: 'arm64' }), {}, 'CONTAINER_PLATFORM'],
    [
      'a processor that cannot be emulated',
      () => set({ failing: { run: 'exec /bin/sh: exec format error' } }),
      {},
      'CONTAINER_PLATFORM',
    ],
    [
      'a full disk',
      () => set({ at: 'server', failing: { pull: 'write /x: no space left on device' } }),
      {},
      'CONTAINER_DISK_FULL',
    ],
    [
      'a machine that is not running',
      () => fake.break('Cannot connect to Podman. Please verify your connection'),
      {},
      'CONTAINER_TOOL_UNREACHABLE',
    ],
    [
      'an ImageBuilder that is not there',
      () => undefined,
      { imagebuilder: '/nonexistent' },
      'IMAGEBUILDER_MISSING',
    ],
  ])('names %s', async (_, prepare, options, code) => {
    prepare();
    expect(await codeOf(open(options, nothing))).toBe(code);
    expect(fake.containers()).toEqual([]);
  });

  it('names an image without an ImageBuilder', async () => {
    const bare = newFolder();
    mkdirSync(join(bare, 'builder'));
    set({ files: bare });
    expect(await codeOf(open({}, nothing))).toBe('CONTAINER_NO_IMAGEBUILDER');
  });

  it('names a damaged archive', async () => {
    const archive = join(newFolder(), 'imagebuilder.tar.zst');
    writeFileSync(archive, Buffer.from('28b52ffd0000000000', 'hex'));
    expect(await codeOf(open({ imagebuilder: archive }, nothing))).toBe('ARCHIVE_CORRUPT');
    expect(fake.containers()).toEqual([]);
  });

  it.each([
    [{ PATH: '/nonexistent', MAPE_IMAGE_CONTAINER_TOOL: '' }, 'CONTAINER_TOOL_MISSING'],
    [{ PATH: '/nonexistent' }, 'CONTAINER_TOOL_MISSING'],
    [{ MAPE_IMAGE_CONTAINER_TOOL: 'rm' }, 'CONTAINER_TOOL_UNKNOWN'],
  ])('says what program it wants: %j', async (env, code) => {
    const ports = createTestPorts({ env: envWith(env) });
    expect(await codeOf(open({}, nothing, ports))).toBe(code);
  });

  it.each([
    ['BUILD_KILLED', 'kill -KILL $$', 'CONTAINER_KILLED'],
    [
      'BUILD_DISK_FULL',
      'echo "cp: error writing x: No space left on device" >&2; exit 1',
      'CONTAINER_DISK_FULL',
    ],
  ])('gives the advice of a container for %s', async (_, command, code) => {
    const files = newFolder();
    world.tree('opkg', `${files.split('/').at(-1)}/builder`);
    const makefile = join(files, 'builder/Makefile');
    writeFileSync(
      makefile,
      `${readFileSync(makefile, 'utf8')}\nimage: broken\nbroken:\n\t@${command.replaceAll('$', '$$$$')}\n`,
    );
    set({ files });
    await expect(open({}, (builder) => build(builder))).rejects.toMatchObject({ code });
  });

  it('names a container that ended in the middle of a build', async () => {
    const ports = createTestPorts({ env: envWith() });
    const failure = open(
      {},
      (builder) => build(builder, { profile: 'sample_big-flash', packages: ['sample-ballast'] }),
      ports,
    );
    const code = codeOf(failure);
    await until(() => ports.recorded.progress.some(({ id }) => id === 'building-images'));
    fake.kill();
    expect(await code).toBe('CONTAINER_ENDED');
    expect(fake.containers()).toEqual([]);
  });

  describe('when this program is killed', () => {
    let compiled: Compiled;
    beforeAll(() => {
      compiled = compileSources();
    });
    afterAll(() => compiled.remove());

    it('the container goes with it', async () => {
      const script = compiled.script(
        'open.js',
        `import { createNodePorts } from './io/node.js';
         import { loadBuilder } from './builder/index.js';
         const nothing = () => undefined;
         const reporter = { step: nothing, progress: nothing, warn: nothing, detail: nothing };
         const ports = createNodePorts({ reporter, signal: new AbortController().signal, env: process.env, cwd: '/' });
         const engine = await loadBuilder('container');
         await engine.withBuilder(ports, JSON.parse(process.argv[2]), () => new Promise((resolve) => {
           console.log('open');
           setTimeout(resolve, 600_000);
         }));`,
      );
      const options = { image: IMAGE, cacheDir: join(world.dir, 'cache') };
      const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(options)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: envWith(),
      });
      let said = '';
      child.stdout?.on('data', (chunk) => {
        said += chunk;
      });
      await until(() => said.includes('open'));
      expect(fake.containers()).toHaveLength(1);
      child.kill('SIGKILL');
      await until(() => fake.containers().length === 0);
    });
  });
});
