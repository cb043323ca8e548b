import type { Finding } from '../errors.ts';
import { indexRoot } from '../image/contents/root-index.ts';
import { computeDrops, type Drop } from '../image/weight/drops.ts';
import { readOwnedFiles } from '../image/weight/owned-files.ts';
import { MAP_PACKAGE } from '../plan/packages.ts';
import type { Plan } from '../plan/plan.ts';
import type { Inspected } from './inspect.ts';

/** jffs2 refuses fewer. @see linux fs/jffs2/fs.c */
const LEAST_BLOCKS = 5;
/** Of nearly every SPI NOR flash that OpenWrt runs from. */
const COMMON_ERASE_BLOCK_BYTES = 64 * 1024;
/** More than a person reads. */
const MAX_DROPS = 8;
/** What a router with MAP-E is not without, whatever else may go. */
const KEPT = [
  MAP_PACKAGE,
  'apk-mbedtls',
  'base-files',
  'busybox',
  'dnsmasq',
  'dropbear',
  'firewall4',
  'fstools',
  'kernel',
  'libc',
  'logd',
  'mtd',
  'netifd',
  'odhcp6c',
  'odhcpd-ipv6only',
  'opkg',
  'procd',
  'ubox',
  'ubus',
  'uci',
];
/** What default images have and a router on an IPoE line does without. @see OpenWrt include/target.mk (DEFAULT_PACKAGES) */
const OPTIONAL = /^(?:luci(?:-.*)?|ppp(?:-mod-pppoe)?|procd-ujail|uboot-envtools)$/;
/**
 * Share of a root file system that blocks of 1 MiB save over those of 256 KiB: 3,521,932 bytes became 3,423,580 on one of
 * 14 MB with the packages of a real router.
 */
const LARGER_BLOCKS_SAVE = 0.028;
const LARGEST_BLOCK_BYTES = 1024 ** 2;

/**
 * Hold an image against the lines of its device's flash: what forgets its settings is an error, what is tight a warning;
 * either comes with what could be left out and what that frees, the most first.
 *
 * @param imageLimitBytes room of the firmware by the ImageBuilder's makefiles, for a device that is not described
 * @throws what the root's own reader throws
 */
export async function checkFit(
  found: Inspected,
  plan: Pick<Plan, 'packages'> | undefined,
  imageLimitBytes?: number,
): Promise<readonly Finding[]> {
  const { fit, device, contents } = found;
  if (device.flash === undefined) return checkDerivedFit(found, imageLimitBytes);
  if (fit === undefined || fit.state === 'recommended') return [];
  const { forgetsSettingsContentBytes, recommendedContentBytes } = device.flash.limits;
  const writableKiB = fit.writableBytes / 1024;
  const explicit = plan?.packages ?? [];
  const drops = contents === undefined ? [] : await rankDrops(found, explicit);
  const advice = [...adviseBlocks(found), ...drops.slice(0, MAX_DROPS).map(describeDrop)];
  if (fit.state === 'tight') {
    const overBytes = fit.contentBytes - recommendedContentBytes.value;
    return [
      {
        severity: 'warning',
        code: 'IMAGE_TIGHT',
        message: `only ${writableKiB} KiB stay for settings: ${overBytes} bytes above what is recommended`,
        hint: 'remove packages that are not needed',
        details: { writableKiB, overBytes },
      },
      ...advice,
    ];
  }
  const overBytes = fit.contentBytes - forgetsSettingsContentBytes.value;
  return [
    {
      severity: 'error',
      code: 'IMAGE_FORGETS_SETTINGS',
      message: `the image is ${overBytes} bytes too large: the router would forget every setting at reboot (${writableKiB} KiB stay, 320 are needed)`,
      hint: 'remove packages, such as luci, and build again',
      details: { writableKiB, overBytes },
    },
    ...advice,
  ];
}

/**
 * For a device whose flash is not described: the ImageBuilder's own data say how much room its firmware has. Where an erase
 * block begins they do not say, so one block is left out of the count.
 */
function checkDerivedFit(
  { image, contents }: Inspected,
  imageLimitBytes: number | undefined,
): readonly Finding[] {
  const { contentBytes } = image;
  const isJffs2 = image.parts.some(({ kind }) => kind === 'marker');
  if (imageLimitBytes === undefined || contentBytes === undefined || contents === undefined || !isJffs2)
    return [];
  const blocks = Math.floor((imageLimitBytes - contentBytes) / COMMON_ERASE_BLOCK_BYTES) - 1;
  if (blocks >= LEAST_BLOCKS) return [];
  const writableKiB = (Math.max(0, blocks) * COMMON_ERASE_BLOCK_BYTES) / 1024;
  return [
    {
      severity: 'warning',
      code: 'IMAGE_LIKELY_FORGETS',
      message: `about ${writableKiB} KiB stay for settings by the ImageBuilder's own figures, 320 are needed: the router may forget every setting at reboot`,
      hint: 'remove packages, such as luci, and build again',
      details: { writableKiB, limitBytes: imageLimitBytes, contentBytes },
    },
  ];
}

/**
 * What could be left out of an image, by what it frees, the most first.
 *
 * @param explicit packages that were asked for by name
 * @throws what the root's own reader throws
 */
export async function rankDrops(
  { squashfs, contents }: Inspected,
  explicit: readonly string[],
): Promise<readonly Drop[]> {
  const list = contents?.packages;
  if (squashfs === undefined || list === undefined) return [];
  const files = await readOwnedFiles(indexRoot(squashfs), list.manager, list.path);
  const stored = await squashfs.measureStored();
  const optional = list.packages.map(({ name }) => name).filter((name) => OPTIONAL.test(name));
  const wanted = explicit.filter((name) => !name.startsWith('-'));
  return computeDrops({
    packages: list.packages,
    files,
    storedBytes: (path) => stored.get(path) ?? 0,
    keep: KEPT,
    explicit: wanted,
    candidates: [...wanted, ...optional],
  });
}

function describeDrop({ name, freesBytes, alone }: Drop): Finding {
  const along = alone.length === 0 ? '' : `, with ${alone.join(' ')}`;
  return {
    severity: 'warning',
    code: 'IMAGE_COULD_DROP',
    message: `--remove ${name} frees ${freesBytes} bytes${along}`,
    details: { package: name, freesBytes, alone },
  };
}

function adviseBlocks({ squashfs, image }: Inspected): readonly Finding[] {
  if (squashfs === undefined || squashfs.blockSizeBytes >= LARGEST_BLOCK_BYTES) return [];
  const freesBytes = Math.round((image.rootfs?.sizeBytes ?? 0) * LARGER_BLOCKS_SAVE);
  const blockKiB = LARGEST_BLOCK_BYTES / 1024;
  return [
    {
      severity: 'warning',
      code: 'IMAGE_COULD_PACK',
      message: `squashfs blocks of ${blockKiB} KiB free about ${freesBytes} bytes`,
      hint: 'write CONFIG_TARGET_SQUASHFS_BLOCK_SIZE=1024 into the .config of the ImageBuilder',
      details: { blockKiB, freesBytes },
    },
  ];
}
