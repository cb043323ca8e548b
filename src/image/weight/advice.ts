import type { Finding } from '../../errors.ts';
import { MAP_PACKAGE } from '../../plan/packages.ts';
import { readPackages } from '../contents/packages.ts';
import { indexRoot } from '../contents/root-index.ts';
import type { Squashfs } from '../squashfs/squashfs.ts';
import { computeDrops, type Drop } from './drops.ts';
import { readOwnedFiles } from './owned-files.ts';

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
 * What makes the root file system of an image smaller, as findings: larger blocks, then packages to leave out by what that
 * frees, the most first.
 *
 * @param explicit packages that were asked for by name; `-name` is passed over
 * @throws what the root's own reader throws
 */
export async function adviseWeight(
  squashfs: Squashfs,
  explicit: readonly string[],
): Promise<readonly Finding[]> {
  const drops = await rankDrops(squashfs, explicit);
  return [...adviseBlocks(squashfs), ...drops.slice(0, MAX_DROPS).map(describeDrop)];
}

async function rankDrops(squashfs: Squashfs, explicit: readonly string[]): Promise<readonly Drop[]> {
  const root = indexRoot(squashfs);
  const list = await readPackages(root);
  if (list === undefined) return [];
  const files = await readOwnedFiles(root, list.manager, list.path);
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

function adviseBlocks({ blockSizeBytes, usedBytes }: Squashfs): readonly Finding[] {
  if (blockSizeBytes >= LARGEST_BLOCK_BYTES) return [];
  const freesBytes = Math.round(usedBytes * LARGER_BLOCKS_SAVE);
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
