import type { DeviceFlash } from './device.ts';

export type FitState = 'recommended' | 'tight' | 'forgets-settings';

/** How kernel and root file system lie in the flash of a device, in bytes. */
export interface Fit {
  readonly contentBytes: number;
  /** What stays for settings, from the next erase block to the end of the firmware partition. */
  readonly writableBytes: number;
  readonly state: FitState;
}

/**
 * How much of the flash stays writable.
 *
 * jffs2 refuses a partition of fewer than five erase blocks; OpenWrt then runs on a RAM overlay without a word and forgets
 * every setting at reboot.
 *
 * @param contentBytes kernel and root file system together
 * @see linux fs/jffs2/fs.c; OpenWrt fstools libfstools/mount.c
 */
export function computeFit(flash: DeviceFlash, contentBytes: number): Fit {
  const start = flash.firmwareOffsetBytes.value;
  const block = flash.eraseBlockBytes.value;
  const end = Math.ceil((start + contentBytes) / block) * block;
  const writableBytes = Math.max(0, start + flash.firmwareSizeBytes.value - end);
  const { forgetsSettingsContentBytes, recommendedContentBytes } = flash.limits;
  const state =
    contentBytes > forgetsSettingsContentBytes.value
      ? 'forgets-settings'
      : contentBytes > recommendedContentBytes.value
        ? 'tight'
        : 'recommended';
  return { contentBytes, writableBytes, state };
}
