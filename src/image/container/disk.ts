import { isMarkerAt, skipPadding } from './cover.ts';
import { findFilesystemAt } from './filesystem-at.ts';
import { isGptAt, parseGpt } from './gpt.ts';
import { type DiskPartition, type Mbr, SECTOR_BYTES } from './mbr.ts';
import { cutOff } from './refuse.ts';
import { type Rootfs, takeRootfs } from './rootfs.ts';
import type { ImagePart, Layout } from './types.ts';

/** Types of partitions that hold what starts the machine. */
const BOOT_TYPES: readonly string[] = ['EFI system', 'BIOS boot'];

/**
 * Lay out a disk: a master boot record or a GUID partition table, GRUB between table and first partition, a partition
 * with the kernel in a file system of its own, and one with the root file system.
 *
 * The kernel is a file in the boot partition and is not looked for.
 *
 * @param mbr of the disk's first sector
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_OVERLAP, IMAGE_TOO_MUCH
 * @see OpenWrt target/linux/x86/image/Makefile, scripts/gen_image_generic.sh
 */
export function openDisk(bytes: Uint8Array, mbr: Mbr): Layout {
  const hasGpt = mbr.isProtective && isGptAt(bytes, SECTOR_BYTES);
  const gpt = hasGpt ? parseGpt(bytes, SECTOR_BYTES) : undefined;
  const partitions = gpt?.partitions ?? mbr.partitions;
  for (const { number, offset, sizeBytes } of partitions) {
    if (offset + sizeBytes > bytes.byteLength)
      throw cutOff(`partition ${number}`, offset, sizeBytes, bytes.byteLength);
  }
  const looked = partitions.map((partition) => ({ partition, ...lookInto(bytes, partition) }));
  const rootPartition = chooseRoot(looked);
  const backup = gpt === undefined ? undefined : findBackup(bytes, gpt.backupSector);
  return {
    kind: hasGpt ? 'disk-gpt' : 'disk-mbr',
    parts: [
      {
        name: 'master boot record',
        kind: 'partition-table',
        offset: 0,
        sizeBytes: SECTOR_BYTES,
        detail: { signature: mbr.signature },
      },
      ...(gpt?.parts ?? []),
      ...(backup?.parts ?? []),
      ...looked.flatMap((item) => partsOf(bytes, item, item === rootPartition)),
    ],
    kernel: undefined,
    rootfs: rootPartition?.found?.rootfs,
    contentBytes: undefined,
    findings: [...(gpt?.findings ?? []), ...(backup?.findings ?? [])],
    gap: 'boot',
  };
}

interface Looked {
  readonly partition: DiskPartition;
  readonly filesystem: string;
  readonly found: Rootfs | undefined;
}

function lookInto(bytes: Uint8Array, { offset, sizeBytes }: DiskPartition): Omit<Looked, 'partition'> {
  const at = findFilesystemAt(bytes, offset, offset + sizeBytes);
  if (at === undefined) return { filesystem: 'unknown', found: undefined };
  return { filesystem: at.type, found: at.type === 'fat' ? undefined : takeRootfs(bytes, at) };
}

/** A squashfs is the root; else the last file system that is not the boot partition's, which comes first. */
function chooseRoot(looked: readonly Looked[]): Looked | undefined {
  const squashfs = looked.find(({ filesystem }) => filesystem === 'squashfs');
  const others = looked.filter(
    ({ partition, found }) => found !== undefined && !BOOT_TYPES.includes(partition.type),
  );
  const last = others.at(-1);
  return squashfs ?? (looked.length > 1 && last === looked[0] ? undefined : last);
}

function partsOf(bytes: Uint8Array, { partition, filesystem, found }: Looked, isRoot: boolean): ImagePart[] {
  const { number, type, name, offset, sizeBytes, bootable } = partition;
  const detail = { type, filesystem, bootable, ...(name === undefined ? {} : { name }) };
  const label = `partition ${number}`;
  if (!isRoot || found === undefined) return [{ name: label, kind: 'boot', offset, sizeBytes, detail }];
  const root: ImagePart = { ...found.part, name: label, detail: { ...found.part.detail, ...detail } };
  // The writable part behind a squashfs is empty in an image, but for a mark.
  const restAt = offset + found.rootfs.sizeBytes;
  const end = offset + sizeBytes;
  const used = skipPadding(bytes, restAt, end);
  if (used === end || isMarkerAt(bytes, used)) return [root];
  return [root, { name: `${label}, rest`, kind: 'unknown', offset: restAt, sizeBytes: end - restAt }];
}

/** The copy of the GUID partition table at the end of a disk. @see openwrt/firmware-utils src/ptgen.c, which writes none */
function findBackup(
  bytes: Uint8Array,
  sector: bigint,
): Pick<ReturnType<typeof parseGpt>, 'parts' | 'findings'> | undefined {
  const offset = sector * BigInt(SECTOR_BYTES);
  if (offset > BigInt(bytes.byteLength - SECTOR_BYTES)) return undefined;
  return isGptAt(bytes, Number(offset)) ? parseGpt(bytes, Number(offset)) : undefined;
}
