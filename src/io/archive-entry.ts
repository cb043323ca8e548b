import { posix } from 'node:path';
import type { Header } from 'tar-stream';
import { IoError } from './errors.ts';

/** One entry of an archive after every rule was asked; paths are relative, without `.` or `..`. */
export type ArchiveEntry =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'file'; readonly path: string; readonly executable: boolean; readonly mtimeSec: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | { readonly type: 'hardlink'; readonly path: string; readonly target: string };

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Sum of the sizes of all files. */
  readonly maxBytes: number;
}

/** A generous frame around the largest ImageBuilder: 25.12 for x86 has some 20,000 files and 1.5 GB. */
export const ARCHIVE_LIMITS: ArchiveLimits = { maxEntries: 300_000, maxBytes: 8 * 1024 ** 3 };

/**
 * Where a link may point out of the tree: an ImageBuilder ships links to programs of the host such as `awk ->
 * /usr/bin/gawk` (its prerequisite check makes them anew). Nothing is ever written through a link.
 *
 * @see OpenWrt include/prereq.mk (SetupHostCommand)
 */
const HOST_LINKS = /^[^/]+\/staging_dir\/host\//;

/**
 * The rules for one archive, entry by entry: absolute paths, `..`, links out of the tree, devices, entries twice or
 * below something that is no folder, more than one folder at the top, and too much of anything are refused.
 */
export function createArchiveRules(archive: string, limits: ArchiveLimits) {
  const seen = new Map<string, ArchiveEntry['type']>();
  let bytes = 0;

  const refuse = (path: string, reason: string): never => {
    throw new IoError('ARCHIVE_REFUSED', {
      message: `wanted a plain tree of files in ${archive}, found ${reason}: ${JSON.stringify(path)}`,
      hint: 'download the archive anew from downloads.openwrt.org',
      details: { archive, path, reason },
    });
  };

  const resolve = (path: string): string => {
    if (path.startsWith('/')) return refuse(path, 'an absolute path');
    const segments = path.split('/').filter((name) => name !== '' && name !== '.');
    if (segments.includes('..')) return refuse(path, 'a path out of the tree');
    if (/[\0-\x1f\x7f]/.test(path)) return refuse(path, 'a control character in a path');
    return segments.join('/');
  };

  const resolveLink = (path: string, target: string): string => {
    if (HOST_LINKS.test(path) && /^\/[^\0]+$/.test(target)) return target;
    const inside = posix.normalize(posix.join(posix.dirname(path), target));
    const [top] = path.split('/');
    const leaves = target.startsWith('/') || (inside !== top && !inside.startsWith(`${top}/`));
    return target === '' || leaves ? refuse(path, 'a link out of the tree') : target;
  };

  return {
    /** @throws IoError ARCHIVE_REFUSED @returns undefined for the root `./` itself */
    accept(header: Header): ArchiveEntry | undefined {
      const path = resolve(header.name);
      if (path === '') return undefined;
      const entry = entryOf(path, header);
      const old = seen.get(path);
      if (old !== undefined && !(old === 'directory' && entry.type === 'directory'))
        refuse(path, 'an entry twice');
      for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
        if ((seen.get(parent) ?? 'directory') !== 'directory')
          refuse(path, 'an entry below something that is no folder');
        seen.set(parent, 'directory');
      }
      seen.set(path, entry.type);
      bytes += header.size;
      if (seen.size > limits.maxEntries) refuse(path, `more than ${limits.maxEntries} entries`);
      if (bytes > limits.maxBytes) refuse(path, `more than ${limits.maxBytes} bytes`);
      return entry;
    },
    /** The one folder at the top, and the number of entries. @throws IoError ARCHIVE_REFUSED */
    finish(): { readonly top: string; readonly entries: number } {
      const tops = new Set([...seen.keys()].map((path) => path.split('/')[0] ?? ''));
      const [top = ''] = tops;
      if (tops.size !== 1 || seen.get(top) !== 'directory')
        refuse(top, `${tops.size} entries at the top instead of one folder`);
      return { top, entries: seen.size };
    },
  };

  function entryOf(path: string, header: Header): ArchiveEntry {
    switch (header.type) {
      case 'directory':
        return { type: 'directory', path };
      case 'file':
        return {
          type: 'file',
          path,
          executable: (header.mode & 0o111) !== 0,
          mtimeSec: seconds(header.mtime),
        };
      case 'symlink':
        return { type: 'symlink', path, target: resolveLink(path, header.linkname ?? '') };
      case 'link': {
        const target = resolve(header.linkname ?? '');
        if (seen.get(target) !== 'file')
          refuse(path, 'a hard link to something that is no file of the archive');
        return { type: 'hardlink', path, target };
      }
      default:
        return refuse(path, `an entry of type ${header.type}`);
    }
  }
}

/** Seconds since 1970 within what every file system holds. */
function seconds(time: Date): number {
  const value = Math.trunc(time.getTime() / 1000);
  return value >= 0 && value <= 0xffff_ffff ? value : 0;
}
