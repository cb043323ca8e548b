import { basename } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { IoError } from '../../io/errors.ts';
import { execEnv, isSafePath } from '../../io/exec-env.ts';
import type { Ports } from '../../io/ports.ts';
import { BuilderError } from '../errors.ts';
import { locateImageBuilder } from '../local/locate.ts';
import { selectLogLines } from '../local/log-lines.ts';
import { computeTreeDigest } from '../local/tree-source.ts';
import type { BuilderSource, ContainerBuilderOptions } from '../types.ts';
import type { Container, Ended } from './container.ts';

/** An ImageBuilder inside a container. */
export interface ContainerTree {
  /** Path in the container. */
  readonly dir: string;
  readonly packageManager: 'opkg' | 'apk';
  readonly identity: Omit<BuilderSource, 'repositories'>;
}

const PARTS = ['Makefile', '.config', 'include/version.mk', 'scripts', 'target'] as const;
const FEED_LISTS = ['repositories', 'repositories.conf'] as const;
/** Downloads, verifies with gpg and unpacks an ImageBuilder. @see openwrt/docker setup.sh */
const SETUP = 'setup.sh';
const SETUP_TIMEOUT_MS = 60 * 60_000;
/** The digits a file begins with, by the option with which tar reads it from a pipe. */
const COMPRESSIONS = [
  ['28b52ffd', '--zstd'],
  ['fd377a585a00', '--xz'],
] as const;

/**
 * The stamp says that the tools of a machine were looked for, the links lead to them; both were made on another one, and are
 * made anew. @see OpenWrt include/prereq.mk (SetupHostCommand)
 */
const FORGET_HOST = `rm -f staging_dir/host/.prereq-build
[ ! -d staging_dir/host/bin ] || find staging_dir/host/bin -type l -lname '/*' -exec rm -f {} +`;

const LIST_THERE = 'for part in "$@"; do [ ! -e "$part" ] || echo "$part"; done';

/**
 * Make an ImageBuilder ready in a container: the one that its image has, one that the image's own script fetches (images of
 * snapshots have only that), or one of this machine, which is sent in.
 *
 * @throws BuilderError CONTAINER_*, IMAGEBUILDER_*; IoError ARCHIVE_CORRUPT
 */
export async function prepareTree(
  ports: Ports,
  container: Container,
  { imagebuilder, offline }: ContainerBuilderOptions,
): Promise<ContainerTree> {
  if (imagebuilder !== undefined) return sendTree(ports, container, imagebuilder);
  const { image } = container;
  const dir = await askPath(container, ['pwd', '-P']);
  let there = await listThere(container, dir);
  if (!there.includes('Makefile') && there.includes(SETUP)) {
    if (offline === true) throw noImageBuilder(container, [...PARTS]);
    ports.reporter.progress('filling-container', { name: image.reference });
    const run = await container.run(['bash', `./${SETUP}`], { dir, timeoutMs: SETUP_TIMEOUT_MS });
    if (run.exitCode !== 0) {
      throw new BuilderError('CONTAINER_SETUP_FAILED', {
        message: `wanted ${SETUP} of ${image.reference} to fetch the ImageBuilder, found exit code ${run.exitCode}`,
        hint: 'check the connection and run the command again, or give an ImageBuilder with --imagebuilder',
        details: { image: image.reference, script: SETUP, exitCode: run.exitCode },
        lines: selectLogLines(run.stdout, run.stderr),
      });
    }
    there = await listThere(container, dir);
    ports.reporter.step('filled-container', { name: image.reference });
  }
  const missing = missingParts(there);
  if (missing.length > 0) throw noImageBuilder(container, missing);
  const identity = { kind: 'container', name: image.reference, sha256: image.sha256 } as const;
  return { dir, packageManager: packageManagerOf(there), identity };
}

async function sendTree(ports: Ports, container: Container, path: string): Promise<ContainerTree> {
  const found = await locateImageBuilder(ports, path);
  const dir = await askPath(container, ['mktemp', '-d']);
  const name = basename(path);
  ports.reporter.progress('filling-container', { name });
  const identity =
    found.type === 'archive'
      ? ({ kind: 'archive', name, sha256: await ports.files.sha256(found.path) } as const)
      : ({ kind: 'folder', name, sha256: await computeTreeDigest(ports, found.dir) } as const);
  const ended =
    found.type === 'archive'
      ? await sendArchive(ports, container, found.path, dir)
      : await sendFolder(ports, container, found.dir, dir);
  if (ended.exitCode !== 0) throw explainUnpack(path, ended);
  await container.ask(['sh', '-c', FORGET_HOST], { dir });
  const there = await listThere(container, dir);
  const missing = missingParts(there);
  if (missing.length > 0) {
    throw new BuilderError('IMAGEBUILDER_INCOMPLETE', {
      message: `wanted a whole ImageBuilder at ${path}, found it without ${missing.join(', ')}`,
      hint: 'download the archive named openwrt-imagebuilder-… of your release and target again',
      details: { path, missing },
    });
  }
  ports.reporter.step('filled-container', { name });
  return { dir, packageManager: packageManagerOf(there), identity };
}

async function sendArchive(ports: Ports, container: Container, path: string, dir: string): Promise<Ended> {
  const flag = await readCompression(ports, path);
  const unpack = ['tar', '--extract', ...flag, '--file=-', '--strip-components=1', '--no-same-owner'];
  return container.send([...unpack, `--directory=${dir}`], ports.files.openRead(path));
}

async function readCompression(ports: Ports, path: string): Promise<readonly string[]> {
  const start = await readStart(ports.files.openRead(path));
  return COMPRESSIONS.flatMap(([magic, flag]) => (start.toString('hex').startsWith(magic) ? [flag] : []));
}

async function readStart(stream: Readable): Promise<Buffer> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) return Buffer.from(chunk.subarray(0, 8));
  return Buffer.alloc(0);
}

async function sendFolder(ports: Ports, container: Container, from: string, dir: string): Promise<Ended> {
  const packing = await ports.exec.start({
    file: 'tar',
    args: ['-C', from, '-cf', '-', '.'],
    // macOS would add files of its own for what Linux has no place for.
    env: { ...execEnv(ports.env), COPYFILE_DISABLE: '1' },
  });
  packing.stdin.end();
  // A program's output has to be read from its start on, or what comes first is lost.
  const packed = new PassThrough();
  const moving = pipeline(packing.stdout, packed).catch(() => undefined);
  try {
    const unpack = ['tar', '--extract', '--file=-', '--no-same-owner', `--directory=${dir}`];
    const ended = await container.send(unpack, packed);
    const { exitCode, stderr } = await packing.ended;
    return exitCode === 0 ? ended : { exitCode, stderr };
  } finally {
    packing.kill();
    packed.destroy();
    await moving;
  }
}

function explainUnpack(archive: string, { stderr }: Ended): Error {
  const [, program] = /\b(\w+): Cannot exec: No such file/.exec(stderr) ?? [];
  if (program !== undefined) return toolsMissing([program]);
  if (/No space left on device|Disk quota exceeded/.test(stderr)) {
    return new BuilderError('CONTAINER_DISK_FULL', {
      message: 'wanted room for a container, found none left where it keeps its files',
      hint: 'free some: podman system prune, or docker system prune; in a virtual machine, make its disk larger',
      details: {},
    });
  }
  const reason = selectLogLines('', stderr)[0] ?? 'tar gave up';
  return new IoError('ARCHIVE_CORRUPT', {
    message: `wanted a whole archive at ${archive}, found it damaged: ${reason}`,
    hint: 'download it again and compare its sha256 with the one that is published',
    details: { archive, reason },
  });
}

/** CONTAINER_TOOLS_MISSING: an image chosen by the user that has not what an ImageBuilder needs. */
export function toolsMissing(tools: readonly string[]): BuilderError {
  return new BuilderError('CONTAINER_TOOLS_MISSING', {
    message: `wanted the tools that the ImageBuilder needs in the container, found ${tools.length} missing: ${tools.join(', ')}`,
    hint: 'leave --container-image out, or add them to that image',
    details: { tools },
  });
}

async function listThere(container: Container, dir: string): Promise<readonly string[]> {
  const names = [...PARTS, ...FEED_LISTS, SETUP];
  return (await container.ask(['sh', '-c', LIST_THERE, 'sh', ...names], { dir })).split('\n');
}

function missingParts(there: readonly string[]): readonly string[] {
  const lists = FEED_LISTS.some((name) => there.includes(name)) ? [] : FEED_LISTS;
  return [...PARTS.filter((part) => !there.includes(part)), ...lists];
}

function packageManagerOf(there: readonly string[]): 'opkg' | 'apk' {
  return there.includes('repositories') ? 'apk' : 'opkg';
}

/** A path that the container says, which goes into command lines of make. */
export async function askPath(container: Container, args: readonly string[]): Promise<string> {
  const path = (await container.ask(args)).trim();
  if (isSafePath(path)) return path;
  const [character = ''] = path.replaceAll(/[A-Za-z0-9_./+-]/g, '');
  throw new BuilderError('IMAGEBUILDER_PATH_UNSAFE', {
    message: `wanted a path of letters, digits and "_ . / + -" in the container, found ${JSON.stringify(path.slice(0, 200))}`,
    hint: 'leave --container-image out',
    details: { path: path.slice(0, 200), character },
  });
}

function noImageBuilder({ image }: Container, missing: readonly string[]): BuilderError {
  return new BuilderError('CONTAINER_NO_IMAGEBUILDER', {
    message: `wanted an ImageBuilder in the container image ${image.reference}, found it without ${missing.join(', ')}`,
    hint: 'give one with --imagebuilder, or leave --container-image and --offline out',
    details: { image: image.reference, missing },
  });
}
