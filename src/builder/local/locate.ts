import { basename, dirname, join } from 'node:path';
import { isSafePath } from '../../io/exec-env.ts';
import type { Ports } from '../../io/ports.ts';
import { BuilderError } from '../errors.ts';

/** An unpacked ImageBuilder on a path that make can bear. */
export interface TreeLocation {
  readonly type: 'tree';
  /** Real path. */
  readonly dir: string;
  readonly packageManager: 'opkg' | 'apk';
}

export type ImageBuilderLocation = TreeLocation | { readonly type: 'archive'; readonly path: string };

/** What every ImageBuilder has, whatever its release. */
const PARTS = ['Makefile', '.config', 'include/version.mk', 'scripts', 'target'] as const;
/** What nothing else of OpenWrt has: which of the two tells the package manager. */
const FEED_LISTS = { apk: 'repositories', opkg: 'repositories.conf' } as const;

/**
 * Say what stands at a path the user gave as ImageBuilder: an unpacked tree or an archive of one.
 *
 * @param path absolute
 * @throws BuilderError IMAGEBUILDER_MISSING, IMAGEBUILDER_NOT_ONE, IMAGEBUILDER_INCOMPLETE, IMAGEBUILDER_PATH_UNSAFE,
 *   IMAGEBUILDER_READ_ONLY
 */
export async function locateImageBuilder(ports: Ports, path: string): Promise<ImageBuilderLocation> {
  switch (await ports.files.kind(path)) {
    case 'missing':
      throw new BuilderError('IMAGEBUILDER_MISSING', {
        message: `wanted an ImageBuilder at ${path}, found nothing there`,
        hint: 'check the path; it may be a folder or a .tar.zst or .tar.xz file',
        details: { path },
      });
    case 'file':
      return { type: 'archive', path: await ports.files.realPath(path) };
    case 'directory':
      return locateTree(ports, path);
    default:
      throw notOne(path, 'no-folder');
  }
}

/**
 * Accept a folder as an ImageBuilder's tree.
 *
 * @throws BuilderError as locateImageBuilder
 */
export async function locateTree(ports: Ports, path: string): Promise<TreeLocation> {
  const has = async (part: string, under = path) => (await ports.files.kind(join(under, part))) !== 'missing';
  const packageManager = (await has(FEED_LISTS.apk))
    ? 'apk'
    : (await has(FEED_LISTS.opkg))
      ? 'opkg'
      : undefined;
  const missing: string[] = [];
  for (const part of PARTS) if (!(await has(part))) missing.push(part);
  if (packageManager === undefined || missing.includes('Makefile')) {
    throw await explainOther(ports, path, [
      ...missing,
      ...(packageManager === undefined ? Object.values(FEED_LISTS) : []),
    ]);
  }
  if (missing.length > 0) throw incomplete(path, missing);

  const dir = await ports.files.realPath(path);
  if (!isSafePath(dir)) {
    const [character = ''] = dir.replaceAll(/[A-Za-z0-9_./+-]/g, '');
    throw new BuilderError('IMAGEBUILDER_PATH_UNSAFE', {
      message: `wanted an ImageBuilder on a path of letters, digits and "_ . / + -", found ${JSON.stringify(character)} in ${dir}`,
      hint: 'move the folder, to /var/tmp for instance, or give the archive it came from: that may stand anywhere',
      details: { path: dir, character },
    });
  }
  if (!(await ports.files.isWritable(dir))) {
    throw new BuilderError('IMAGEBUILDER_READ_ONLY', {
      message: `wanted an ImageBuilder to build in, found that ${dir} cannot be written`,
      hint: 'copy the folder to a place of your own, or give the archive it came from',
      details: { path: dir },
    });
  }
  return { type: 'tree', dir, packageManager };
}

/** A folder that is no ImageBuilder: the likely mix-ups are named, with what to give in its place. */
async function explainOther(ports: Ports, path: string, missing: readonly string[]): Promise<BuilderError> {
  const has = async (part: string) => (await ports.files.kind(join(path, part))) !== 'missing';
  if (await isTree(ports, dirname(path))) return notOne(path, 'inside-of-one', { right: dirname(path) });
  for (const name of await ports.files.list(path)) {
    const right = join(path, name);
    if (await isTree(ports, right)) return notOne(path, 'one-inside', { right });
  }
  if ((await has('Makefile')) && (await has('toolchain')) && (await has('tools')))
    return notOne(path, 'source-tree');
  if (/openwrt-sdk-/.test(basename(path)) || ((await has('Makefile')) && (await has('feeds.conf.default'))))
    return notOne(path, 'sdk');
  if ((await has('include/version.mk')) || (await has('include/image.mk')) || (await has('staging_dir')))
    return incomplete(path, missing);
  return notOne(path, 'other-folder', { missing });
}

async function isTree(ports: Ports, path: string): Promise<boolean> {
  for (const part of PARTS) if ((await ports.files.kind(join(path, part))) === 'missing') return false;
  for (const list of Object.values(FEED_LISTS))
    if ((await ports.files.kind(join(path, list))) === 'file') return true;
  return false;
}

function incomplete(path: string, missing: readonly string[]): BuilderError {
  return new BuilderError('IMAGEBUILDER_INCOMPLETE', {
    message: `wanted a whole ImageBuilder at ${path}, found it without ${missing.join(', ')}`,
    hint: 'it was unpacked in part or changed since: remove it and unpack the archive again, or give the archive itself',
    details: { path, missing },
  });
}

const MIX_UPS = {
  'no-folder': 'that it is neither a folder nor a file',
  'inside-of-one': 'that it lies inside of one',
  'one-inside': 'that one lies inside of it',
  'source-tree': 'the source tree of OpenWrt',
  sdk: 'an SDK of OpenWrt',
  'other-folder': 'another folder',
} as const;

function notOne(
  path: string,
  found: keyof typeof MIX_UPS,
  more: { readonly right?: string; readonly missing?: readonly string[] } = {},
): BuilderError {
  const lacks = more.missing === undefined ? '' : `, without ${more.missing.join(', ')}`;
  return new BuilderError('IMAGEBUILDER_NOT_ONE', {
    message: `wanted an ImageBuilder at ${path}, found ${MIX_UPS[found]}${lacks}`,
    hint:
      more.right === undefined
        ? 'download the archive named openwrt-imagebuilder-… of your release and target'
        : `give ${more.right}`,
    details: { path, found, ...more },
  });
}
