import { skipPadding } from './cover.ts';
import { type FilesystemAt, findFilesystemAt, searchSquashfs } from './filesystem-at.ts';
import type { ImagePart, RootfsImage } from './types.ts';
import { describeUbi } from './ubi.ts';

export interface Rootfs {
  readonly rootfs: RootfsImage;
  readonly part: ImagePart;
}

/**
 * Find the root file system behind a kernel: at once, behind padding, or behind bytes that belong to nothing.
 *
 * @param from where the kernel ends
 * @throws ImageError IMAGE_TRUNCATED where it is longer than the file
 */
export function findRootfs(bytes: Uint8Array, from: number): Rootfs | undefined {
  const end = bytes.byteLength;
  const found =
    findFilesystemAt(bytes, from, end) ??
    findFilesystemAt(bytes, skipPadding(bytes, from), end) ??
    searchSquashfs(bytes, from);
  return found === undefined ? undefined : takeRootfs(bytes, found);
}

/** The part and the view of a file system that was found. */
export function takeRootfs(bytes: Uint8Array, { type, offset, sizeBytes }: FilesystemAt): Rootfs {
  const view = bytes.subarray(offset, offset + sizeBytes);
  const detail = { filesystem: type, ...(type === 'ubi' ? describeUbi(view) : {}) };
  return {
    rootfs: { type: type === 'fat' ? 'unknown' : type, offset, sizeBytes, bytes: view },
    part: { name: 'rootfs', kind: 'rootfs', offset, sizeBytes, detail },
  };
}
