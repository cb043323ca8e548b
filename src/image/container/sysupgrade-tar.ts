import { findFilesystemAt } from './filesystem-at.ts';
import { describePlacedKernel } from './kernel.ts';
import { malformed } from './refuse.ts';
import { takeRootfs } from './rootfs.ts';
import { parseTar, TAR_BLOCK_BYTES, type TarEntry } from './tar.ts';
import { textAt } from './text-at.ts';
import type { ImagePart, Layout } from './types.ts';

/** `sysupgrade-tplink_archer-c6-v2/kernel`; a slash in a board's name became an underscore. */
const NAME = /^(?:\.\/)?sysupgrade-([^/]+)\/(CONTROL|kernel|root|dtb)?\/?$/;
const MAX_CONTROL_BYTES = 4096;

/**
 * Lay out the tar that sysupgrade takes where kernel and root file system go to volumes of their own.
 *
 *    sysupgrade-BOARD/            sysupgrade-BOARD/CONTROL   "BOARD=…"
 *    sysupgrade-BOARD/kernel      sysupgrade-BOARD/root      squashfs or ubifs
 *
 * @throws ImageError IMAGE_TRUNCATED, IMAGE_MALFORMED, IMAGE_TOO_MUCH, and those of parseFit
 * @see OpenWrt scripts/sysupgrade-tar.sh; package/base-files/files/lib/upgrade/nand.sh (nand_upgrade_tar)
 */
export function openSysupgradeTar(bytes: Uint8Array): Layout {
  const { entries } = parseTar(bytes);
  const named = entries.map((entry) => ({ entry, ...readName(entry) }));
  const find = (wanted: string): TarEntry | undefined => named.find(({ role }) => role === wanted)?.entry;
  const kernelEntry = find('kernel');
  const root = find('root');
  const placed = kernelEntry && describePlacedKernel(bytes, kernelEntry.offset, kernelEntry.sizeBytes);
  const found = root && takeRoot(bytes, root);
  return {
    kind: 'sysupgrade-tar',
    parts: named.flatMap(({ entry, board, role }): ImagePart[] => [
      {
        name: entry.name,
        kind: 'header',
        offset: entry.headerOffset,
        sizeBytes: TAR_BLOCK_BYTES,
        detail: { board, mtimeSec: entry.mtimeSec },
      },
      entry === root && found !== undefined ? found.part : contentPart(bytes, entry, role),
    ]),
    kernel: placed?.kernel,
    rootfs: found?.rootfs,
    contentBytes:
      placed === undefined || found === undefined
        ? undefined
        : placed.kernel.sizeBytes + found.rootfs.sizeBytes,
    findings: placed?.findings ?? [],
  };
}

function readName({ name, headerOffset }: TarEntry): { readonly board: string; readonly role: string } {
  const [, board = '', role = ''] = NAME.exec(name) ?? [];
  if (board === '') throw malformed('tar archive', headerOffset, 'a name sysupgrade-BOARD/…', `"${name}"`);
  return { board, role };
}

function takeRoot(bytes: Uint8Array, { offset, sizeBytes }: TarEntry): ReturnType<typeof takeRootfs> {
  const at = findFilesystemAt(bytes, offset, offset + sizeBytes) ?? { type: 'unknown', offset, sizeBytes };
  return takeRootfs(bytes, at);
}

function contentPart(bytes: Uint8Array, { offset, sizeBytes }: TarEntry, role: string): ImagePart {
  switch (role) {
    case 'kernel':
      return { name: 'kernel', kind: 'kernel', offset, sizeBytes };
    case 'dtb':
      return { name: 'dtb', kind: 'dtb', offset, sizeBytes };
    case 'CONTROL': {
      const text = textAt(bytes, offset, Math.min(sizeBytes, MAX_CONTROL_BYTES)).trim();
      return { name: 'CONTROL', kind: 'metadata', offset, sizeBytes, detail: { text } };
    }
    default:
      return { name: role === '' ? 'unknown' : role, kind: 'unknown', offset, sizeBytes };
  }
}
