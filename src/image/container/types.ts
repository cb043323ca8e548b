import type { Details, Finding } from '../../errors.ts';

/** The containers OpenWrt images come in. */
export type ContainerKind =
  /** uImage, squashfs and one mark at a 64 KiB boundary: a TP-Link safeloader image as sysupgrade takes it. */
  | 'safeloader-sysupgrade'
  /** What the web page of TP-Link's own firmware takes. */
  | 'safeloader-factory'
  | 'tplink-v1'
  | 'tplink-v2'
  | 'uimage'
  | 'fit'
  /** `sysupgrade-<board>/{CONTROL,kernel,root}`, for NAND flash and eMMC. */
  | 'sysupgrade-tar'
  | 'disk-mbr'
  | 'disk-gpt'
  | 'ubi'
  /** A root file system alone, or behind a start that is not known. */
  | 'raw';

export type PartKind =
  | 'header'
  | 'kernel'
  | 'rootfs'
  | 'padding'
  /** `deadc0de`: here the root file system's writable part begins. */
  | 'marker'
  | 'dtb'
  | 'metadata'
  | 'signature'
  | 'partition-table'
  | 'boot'
  /** What `unpacked` lays out. */
  | 'compressed'
  | 'unknown';

/** Bytes of a file that belong together. */
export interface ImagePart {
  /** The format's own word: `uImage header`, `support-list`, `partition 1`. */
  readonly name: string;
  readonly kind: PartKind;
  /** Bytes from the beginning of what the part lies in. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** What the part says of itself, by name. Text of strangers: escape it before it is printed. */
  readonly detail?: Details;
}

/** What a kernel says of itself. What its container does not tell is `undefined`. */
export interface KernelInfo {
  readonly format: 'uimage' | 'fit' | 'tplink-v1' | 'tplink-v2' | 'raw';
  /** Where its header begins; of a FIT image with the root file system in it, where the kernel's data begin. */
  readonly offset: number;
  /** With its header. */
  readonly sizeBytes: number;
  /** `MIPS OpenWrt Linux-6.6.93` */
  readonly name: string | undefined;
  /** `6.6.93` */
  readonly linuxVersion: string | undefined;
  readonly os: string | undefined;
  readonly architecture: string | undefined;
  readonly compression: string | undefined;
  /** Seconds since 1970. */
  readonly builtAtSec: number | undefined;
  readonly loadAddress: number | undefined;
  readonly entryAddress: number | undefined;
}

export type RootfsType = 'squashfs' | 'ext4' | 'ubi' | 'ubifs' | 'jffs2' | 'f2fs' | 'erofs' | 'unknown';

export interface RootfsImage {
  readonly type: RootfsType;
  /** Within the file, or within what was unpacked of it. */
  readonly offset: number;
  /** As the file system says of itself (squashfs: `bytes_used`), else all of its place. */
  readonly sizeBytes: number;
  /** A view of these bytes, no copy. */
  readonly bytes: Uint8Array;
}

/**
 * What a build wrote about itself at the end of an image.
 *
 * @see OpenWrt include/image-commands.mk (metadata_json)
 */
export interface ImageMetadata {
  readonly metadataVersion: string | undefined;
  /** Boards the image is for, `tplink,archer-c6-v2`: `new_supported_devices` where the image has it. */
  readonly supportedDevices: readonly string[];
  /** `supported_devices` as it stands: with a compat version above 1.0 a sentence for older systems. */
  readonly legacyDevices: readonly string[];
  readonly compatVersion: string | undefined;
  readonly compatMessage: string | undefined;
  readonly dist: string | undefined;
  /** `24.10.4` */
  readonly version: string | undefined;
  readonly revision: string | undefined;
  /** `ath79/generic` */
  readonly target: string | undefined;
  /** The profile, `tplink_archer-c6-v2`. */
  readonly board: string | undefined;
  /** The JSON text as it stands. */
  readonly json: string;
}

export interface ImageSignature {
  readonly format: 'ucert' | 'usign' | 'unknown';
  /** 16 hexadecimal digits each; the first made the image's signature, the rest signed its certificates. */
  readonly keyIds: readonly string[];
}

/** What a compressed image holds, with offsets of its own. */
export interface UnpackedImage {
  readonly format: 'gzip';
  readonly sizeBytes: number;
  /** Every byte exactly once, in order. */
  readonly parts: readonly ImagePart[];
}

/** An image laid out; nothing of it was copied but what had to be unpacked. */
export interface OpenedImage {
  readonly kind: ContainerKind;
  /** Of the file. */
  readonly sizeBytes: number;
  /** Every byte of the file exactly once, in order. */
  readonly parts: readonly ImagePart[];
  readonly unpacked: UnpackedImage | undefined;
  readonly kernel: KernelInfo | undefined;
  readonly rootfs: RootfsImage | undefined;
  /**
   * What limits of the flash count, in bytes: from the beginning of the kernel to the end of the root file system; their sum
   * where they are stored apart. `undefined` where there is no such flash, as on a disk.
   */
  readonly contentBytes: number | undefined;
  readonly metadata: ImageMetadata | undefined;
  readonly signatures: readonly ImageSignature[];
  /** Checksums that are wrong (errors) and what is strange (warnings). */
  readonly findings: readonly Finding[];
}

/** What the reader of one format hands back; gaps between its parts are filled later. */
export interface Layout {
  readonly kind: ContainerKind;
  readonly parts: readonly ImagePart[];
  readonly kernel: KernelInfo | undefined;
  readonly rootfs: RootfsImage | undefined;
  readonly contentBytes: number | undefined;
  readonly findings: readonly Finding[];
  readonly unpacked?: UnpackedImage;
  /** What bytes between the parts are that no table names: GRUB's core on a disk. Elsewhere they are unknown. */
  readonly gap?: 'boot';
}
