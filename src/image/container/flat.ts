import type { Finding } from '../../errors.ts';
import { isMarkerAt, skipPadding } from './cover.ts';
import { isFitAt, parseFit } from './fit.ts';
import { isForeign, refuseUnknown } from './looks-like.ts';
import { checkMarker } from './marker.ts';
import { findRootfs, type Rootfs } from './rootfs.ts';
import type { ContainerKind, ImageMetadata, ImagePart, KernelInfo, Layout, RootfsImage } from './types.ts';
import { isUimageAt, parseUimage } from './uimage.ts';

/** A kernel that begins an image. */
interface Start {
  readonly kind: ContainerKind;
  readonly parts: readonly ImagePart[];
  readonly end: number;
  readonly kernel: KernelInfo | undefined;
  /** Where the kernel's container holds it as well. */
  readonly rootfs: RootfsImage | undefined;
  readonly findings: readonly Finding[];
}

/** Writers of safeloader images align their one mark to this, in flash and thus in the file. */
const SAFELOADER_ALIGN_BYTES = 64 * 1024;

/**
 * Lay out an image that is written to flash as it stands: a uImage, a FIT image or nothing that is known, then the root file
 * system, padding and marks.
 *
 *    0      kernel (uImage: 64 bytes of header and data; FIT: device tree and data)
 *    k      root file system, at once or behind padding
 *    k + r  padding ff, and "deadc0de" where an erase block begins
 *
 * @param metadata tells a safeloader image from others, for it has no header of its own
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_UNKNOWN, and those of parseFit
 * @see OpenWrt include/image-commands.mk (append-kernel, append-rootfs, pad-rootfs)
 */
export function openFlat(bytes: Uint8Array, metadata: ImageMetadata | undefined): Layout {
  const start = readStart(bytes);
  const inside = start.rootfs;
  const found = inside === undefined ? findRootfs(bytes, start.end) : undefined;
  const rootfs = inside ?? found?.rootfs;
  if (start.kernel === undefined && rootfs === undefined) throw refuseUnknown(bytes);
  const kind = isSafeloader(bytes, start, found, metadata) ? 'safeloader-sysupgrade' : start.kind;
  return {
    kind,
    parts: [...start.parts, ...(found === undefined ? [] : [found.part])],
    kernel: start.kernel,
    rootfs,
    contentBytes: rootfs === undefined ? undefined : rootfs.offset + rootfs.sizeBytes,
    findings: [
      ...start.findings,
      ...(found === undefined || isAlone(found) ? [] : checkMarker(bytes, found.rootfs)),
    ],
  };
}

/** A root file system without a kernel goes to a partition of its own, where no mark is needed. */
function isAlone({ rootfs }: Rootfs): boolean {
  return rootfs.offset === 0;
}

function readStart(bytes: Uint8Array): Start {
  if (isFitAt(bytes, 0)) {
    const fit = parseFit(bytes);
    return { kind: 'fit', ...fit };
  }
  if (isForeign(bytes)) throw refuseUnknown(bytes);
  if (!isUimageAt(bytes, 0))
    return { kind: 'raw', parts: [], end: 0, kernel: undefined, rootfs: undefined, findings: [] };
  const first = parseUimage(bytes, 0);
  // A loader in front: the kernel it looks for begins at the next erase block.
  const next = skipPadding(bytes, first.end);
  const second = isUimageAt(bytes, next) ? parseUimage(bytes, next) : undefined;
  const last = second ?? first;
  return {
    kind: 'uimage',
    parts: [...first.parts, ...(second?.parts ?? [])],
    end: last.end,
    kernel: { ...last.kernel, offset: 0, sizeBytes: last.end },
    rootfs: undefined,
    findings: [...first.findings, ...(second?.findings ?? [])],
  };
}

/** One mark alone, at the first boundary of 64 KiB behind the root file system, ends the image. */
function isSafeloader(
  bytes: Uint8Array,
  { kind, end }: Start,
  found: Rootfs | undefined,
  metadata: ImageMetadata | undefined,
): boolean {
  if (kind !== 'uimage' || found?.rootfs.type !== 'squashfs' || found.rootfs.offset !== end) return false;
  if (metadata?.board !== undefined && !metadata.board.startsWith('tplink_')) return false;
  const rootfsEnd = found.rootfs.offset + found.rootfs.sizeBytes;
  const markAt = Math.ceil(rootfsEnd / SAFELOADER_ALIGN_BYTES) * SAFELOADER_ALIGN_BYTES;
  return (
    bytes.byteLength === markAt + 4 && isMarkerAt(bytes, markAt) && skipPadding(bytes, rootfsEnd) === markAt
  );
}
