import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openImage } from '../../src/image/open-image.ts';
import { fwtool, metadata, safeloaderSysupgrade } from '../image/container-writers.ts';

export interface Repacking {
  /** Change the root file system, unpacked at this folder. */
  readonly root?: (folder: string) => void;
  /** Boards to name in place of those named. */
  readonly boards?: readonly string[];
}

/** An image taken apart by unsquashfs, changed, and put together again by mksquashfs. */
export async function repack(image: Uint8Array, dir: string, { root, boards }: Repacking): Promise<Buffer> {
  const { kernel, rootfs, metadata: found } = await openImage(image);
  if (kernel === undefined || rootfs === undefined || found === undefined) throw new Error('no whole image');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const [packed, folder, again] = ['in.squashfs', 'root', 'out.squashfs'].map((name) => join(dir, name));
  if (packed === undefined || folder === undefined || again === undefined) throw new Error('no names');
  writeFileSync(packed, rootfs.bytes);
  execFileSync('unsquashfs', ['-d', folder, packed], { stdio: 'ignore' });
  root?.(folder);
  const options = ['-noappend', '-root-owned', '-comp', 'xz', '-b', '256k', '-no-progress'];
  execFileSync('mksquashfs', [folder, again, ...options], { stdio: 'ignore' });
  const kernelBytes = image.subarray(kernel.offset, kernel.offset + kernel.sizeBytes);
  const body = safeloaderSysupgrade(
    kernelBytes,
    readFileSync(again).subarray(0, usedBytes(readFileSync(again))),
  );
  const named = { ...JSON.parse(found.json), ...(boards === undefined ? {} : { supported_devices: boards }) };
  return fwtool(body, 1, metadata(named));
}

/** Without what mksquashfs pads. @see Linux Documentation/filesystems/squashfs.rst (bytes_used) */
function usedBytes(squashfs: Buffer): number {
  return Number(squashfs.readBigUInt64LE(40));
}
