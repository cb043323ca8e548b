import { computeSha256, type Sha256 } from '../bytes/sha256.ts';
import type { DeviceProfile } from '../device/device.ts';
import { computeFit, type Fit } from '../device/fit.ts';
import type { Finding } from '../errors.ts';
import type { ComparedImage } from '../image/compare/images.ts';
import type { OpenedImage } from '../image/container/types.ts';
import { type Contents, readContents } from '../image/contents/contents.ts';
import { openImage } from '../image/open-image.ts';
import { openSquashfs, type Squashfs } from '../image/squashfs/squashfs.ts';
import { findDevice } from './devices.ts';
import { FlowError } from './errors.ts';
import { loadServiceTable } from './services.ts';

/** An image read back. */
export interface Inspected {
  readonly sha256: Sha256;
  readonly image: OpenedImage;
  /** What is known of the device the image names; the default where it names none that is described. */
  readonly device: DeviceProfile;
  /** How it lies in the flash of that device; absent where that is not known. */
  readonly fit: Fit | undefined;
  /** Absent where the root file system is of another kind than squashfs. */
  readonly squashfs: Squashfs | undefined;
  readonly contents: Contents | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Read an image back: its container, its root file system and what is in it.
 *
 * @param bytes the whole file
 * @param profile of the device where it is known; absent: what the image's metadata says
 * @throws ImageError
 */
export async function inspectImage(bytes: Uint8Array, profile?: string): Promise<Inspected> {
  const image = await openImage(bytes);
  const device = findDevice(profile ?? image.metadata?.board ?? '');
  const squashfs = image.rootfs?.type === 'squashfs' ? await openSquashfs(image.rootfs.bytes) : undefined;
  const contents = squashfs === undefined ? undefined : await readContents(squashfs, loadServiceTable());
  const { contentBytes } = image;
  return {
    sha256: computeSha256(bytes),
    image,
    device,
    fit:
      device.flash === undefined || contentBytes === undefined
        ? undefined
        : computeFit(device.flash, contentBytes),
    squashfs,
    contents,
    findings: [...image.findings, ...(contents?.findings ?? [])],
  };
}

/**
 * An image as the comparison wants it.
 *
 * @param secretPaths files that its plan knows to hold a secret
 * @throws FlowError INSPECT_NO_ROOT
 */
export function toCompared(
  { image, squashfs, contents, fit }: Inspected,
  name: string,
  secretPaths: ReadonlySet<string> = new Set(),
): ComparedImage {
  if (squashfs === undefined || contents === undefined) throw noRoot(name, image);
  return {
    rootfs: squashfs,
    contents,
    sizes: {
      image: image.sizeBytes,
      kernel: image.kernel?.sizeBytes,
      rootfs: image.rootfs?.sizeBytes,
      writable: fit?.writableBytes,
    },
    secretPaths,
  };
}

/**
 * The root file system of an image.
 *
 * @throws FlowError INSPECT_NO_ROOT
 */
export function needRoot({ image, squashfs }: Inspected, name: string): Squashfs {
  if (squashfs === undefined) throw noRoot(name, image);
  return squashfs;
}

function noRoot(name: string, { kind, rootfs }: OpenedImage): FlowError {
  const found = rootfs?.type ?? 'none';
  return new FlowError('INSPECT_NO_ROOT', {
    message: `wanted a squashfs as root file system of ${name} (${kind}), found ${found}`,
    hint: 'take the squashfs image of the device: that is the one sysupgrade wants',
    details: { name, container: kind, found },
  });
}
