import type { Finding } from '../../errors.ts';
import { isMarkerAt, skipPadding } from './cover.ts';
import { noMarker } from './findings.ts';
import type { RootfsImage } from './types.ts';

/**
 * Whether the mark follows a squashfs that lies in NOR flash; other root file systems have a writable part of their own.
 *
 * @see OpenWrt include/image-commands.mk (pad-rootfs); openwrt/firmware-utils src/padjffs2.c
 */
export function checkMarker(bytes: Uint8Array, rootfs: RootfsImage): Finding[] {
  const end = rootfs.offset + rootfs.sizeBytes;
  if (rootfs.type !== 'squashfs' || isMarkerAt(bytes, skipPadding(bytes, end))) return [];
  return [noMarker(end)];
}
