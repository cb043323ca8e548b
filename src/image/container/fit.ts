import type { Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { FDT_MAGIC, parseDeviceTree, type TreeNode } from './fdt.ts';
import { findFilesystemAt } from './filesystem-at.ts';
import { checkFitHashes } from './fit-hash.ts';
import { malformed, overlap, tooMuch } from './refuse.ts';
import { type Rootfs, takeRootfs } from './rootfs.ts';
import { linuxVersionOf, textAt } from './text-at.ts';
import type { ImagePart, KernelInfo, PartKind, RootfsImage } from './types.ts';

/** A FIT image laid out. */
export interface Fit {
  readonly parts: readonly ImagePart[];
  /** Where the tree and all data end. */
  readonly end: number;
  readonly kernel: KernelInfo | undefined;
  readonly rootfs: RootfsImage | undefined;
  readonly findings: readonly Finding[];
}

/** One of its images. */
interface FitImage {
  readonly node: TreeNode;
  readonly type: string;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Within the tree, not behind it. */
  readonly isEmbedded: boolean;
}

const KIND_OF_TYPE = new Map<string, PartKind>([
  ['kernel', 'kernel'],
  ['kernel_noload', 'kernel'],
  ['flat_dt', 'dtb'],
  ['filesystem', 'rootfs'],
  ['ramdisk', 'boot'],
  ['firmware', 'boot'],
  ['loadable', 'boot'],
]);

/** Of a description. */
const MAX_TEXT_BYTES = 256;

/** Whether a device tree begins at an offset. */
export function isFitAt(bytes: Uint8Array, offset: number): boolean {
  return bytes.byteLength - offset >= 4 && bytesAt(bytes, 'FIT image').u32be(offset) === FDT_MAGIC;
}

/**
 * Lay out a FIT image: a device tree whose node `/images` has one child for each image. Their data are the property
 * `data`, or lie behind the tree: `data-position` counts from the beginning of the file, `data-offset` from the end of
 * the tree rounded up to 4 bytes; `data-size` bytes each.
 *
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_OVERLAP, IMAGE_TOO_MUCH
 * @see U-Boot doc/usage/fit/source_file_format.rst; OpenWrt scripts/mkits.sh
 */
export function parseFit(bytes: Uint8Array): Fit {
  const { root, totalBytes } = parseDeviceTree(bytes);
  const nodes = childOf(root, 'images')?.children;
  if (nodes === undefined) throw malformed('FIT image', 0, 'a node /images', 'a device tree without one');
  if (nodes.length > READ_LIMITS.maxFitImages)
    throw tooMuch('images in a FIT image', READ_LIMITS.maxFitImages);
  const images = nodes
    .map((node) => locate(bytes, node, totalBytes))
    .filter((image) => image !== undefined)
    .sort((a, b) => a.offset - b.offset);
  refuseOverlap(images, totalBytes);
  const kernel = chooseKernel(root, images);
  const filesystem = images.find(({ type }) => type === 'filesystem');
  const rootfs = filesystem === undefined ? undefined : takeFilesystem(bytes, filesystem);
  const end = Math.max(totalBytes, ...images.map(({ offset, sizeBytes }) => offset + sizeBytes));
  // Alone, all of the FIT image is the kernel; with the root file system in it, only the kernel's own data are.
  const place = rootfs === undefined ? { offset: 0, sizeBytes: end } : kernel;
  return {
    parts: [
      ...treeParts(images, totalBytes),
      ...images.map((image) => (image === filesystem && rootfs !== undefined ? rootfs.part : partOf(image))),
    ],
    end,
    kernel: kernel === undefined || place === undefined ? undefined : describeKernel(kernel, root, place),
    rootfs: rootfs?.rootfs,
    findings: images.flatMap(({ node, offset, sizeBytes }) =>
      checkFitHashes(node, bytes.subarray(offset, offset + sizeBytes)),
    ),
  };
}

function locate(bytes: Uint8Array, node: TreeNode, totalBytes: number): FitImage | undefined {
  const type = textOf(node, 'type') ?? 'unknown';
  const data = node.properties.get('data');
  if (data !== undefined)
    return { node, type, offset: data.offset, sizeBytes: data.bytes.byteLength, isEmbedded: true };
  const sizeBytes = numberOf(node, 'data-size');
  const position = numberOf(node, 'data-position');
  const behind = numberOf(node, 'data-offset');
  const offset = position ?? (behind === undefined ? undefined : Math.ceil(totalBytes / 4) * 4 + behind);
  if (sizeBytes === undefined || offset === undefined) return undefined;
  bytesAt(bytes, `FIT image ${node.name}`).slice(offset, sizeBytes);
  return { node, type, offset, sizeBytes, isEmbedded: false };
}

/** Before any hash is taken: many images over the same bytes would take for ever. */
function refuseOverlap(images: readonly FitImage[], totalBytes: number): void {
  for (const [index, { node, offset, isEmbedded }] of images.entries()) {
    const before = images[index - 1];
    if (before !== undefined && offset < before.offset + before.sizeBytes)
      throw overlap(before.node.name, node.name, offset);
    if (!isEmbedded && offset < totalBytes) throw overlap('the tree', node.name, offset);
  }
}

/** The kernel of the default configuration, else the first one. */
function chooseKernel(root: TreeNode, images: readonly FitImage[]): FitImage | undefined {
  const configurations = childOf(root, 'configurations');
  const chosen = configurations && childOf(configurations, textOf(configurations, 'default') ?? '');
  const name = chosen && textOf(chosen, 'kernel');
  const kernels = images.filter(({ type }) => KIND_OF_TYPE.get(type) === 'kernel');
  return kernels.find(({ node }) => node.name === name) ?? kernels[0];
}

function takeFilesystem(bytes: Uint8Array, { offset, sizeBytes }: FitImage): Rootfs {
  const end = offset + sizeBytes;
  return takeRootfs(bytes, findFilesystemAt(bytes, offset, end) ?? { type: 'unknown', offset, sizeBytes });
}

/** What of the tree's blob is no data of an image. */
function treeParts(images: readonly FitImage[], totalBytes: number): ImagePart[] {
  const parts: ImagePart[] = [];
  let at = 0;
  for (const { offset, sizeBytes } of [...images, { offset: totalBytes, sizeBytes: 0 }]) {
    const to = Math.min(offset, totalBytes);
    if (to > at) parts.push({ name: 'FIT tree', kind: 'header', offset: at, sizeBytes: to - at });
    at = Math.max(at, offset + sizeBytes);
  }
  return parts;
}

function partOf({ node, type, offset, sizeBytes }: FitImage): ImagePart {
  const names = ['description', 'os', 'arch', 'compression'];
  const said = names.map((name) => [name, textOf(node, name)]).filter(([, text]) => text !== undefined);
  const kind = KIND_OF_TYPE.get(type) ?? 'unknown';
  return { name: node.name, kind, offset, sizeBytes, detail: { type, ...Object.fromEntries(said) } };
}

function describeKernel(
  { node }: FitImage,
  root: TreeNode,
  { offset, sizeBytes }: { readonly offset: number; readonly sizeBytes: number },
): KernelInfo {
  const name = textOf(node, 'description');
  return {
    format: 'fit',
    offset,
    sizeBytes,
    name,
    linuxVersion: name === undefined ? undefined : linuxVersionOf(name),
    os: textOf(node, 'os'),
    architecture: textOf(node, 'arch'),
    compression: textOf(node, 'compression'),
    builtAtSec: numberOf(root, 'timestamp'),
    loadAddress: numberOf(node, 'load'),
    entryAddress: numberOf(node, 'entry'),
  };
}

function childOf(node: TreeNode, name: string): TreeNode | undefined {
  return node.children.find((child) => child.name === name);
}

function textOf(node: TreeNode, name: string): string | undefined {
  const value = node.properties.get(name)?.bytes;
  return value === undefined ? undefined : textAt(value, 0, MAX_TEXT_BYTES);
}

/** One or two cells; larger values than a number holds are left out. */
function numberOf(node: TreeNode, name: string): number | undefined {
  const value = node.properties.get(name)?.bytes;
  if (value === undefined || (value.byteLength !== 4 && value.byteLength !== 8)) return undefined;
  const read = bytesAt(value, name);
  const number = value.byteLength === 4 ? read.u32be(0) : Number(read.u64be(0));
  return Number.isSafeInteger(number) ? number : undefined;
}
