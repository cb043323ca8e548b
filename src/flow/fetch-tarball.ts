import { join } from 'node:path';
import type { Sha256 } from '../bytes/sha256.ts';
import { withFileLock } from '../io/lock.ts';
import type { HttpDownloaded, Ports } from '../io/ports.ts';
import type { Store } from '../io/store.ts';
import type { ListedImageBuilder } from '../release/sha256sums.ts';
import type { FetchCache } from './fetch-cached.ts';
import { digestMismatch } from './fetch-sums.ts';
import type { Server } from './resolve-release.ts';

/** The largest real ImageBuilder, of x86/64, has some 350 MB. */
const MAX_TARBALL_BYTES = 2 * 1024 ** 3;
const MEGABYTE = 1_000_000;

/** Where downloads grow, and what keeps two programs from writing one of them. */
export interface DownloadPaths {
  readonly part: string;
  readonly note: string;
  readonly lock: string;
}

export function downloadPaths(downloadsDir: string, sha256: string): DownloadPaths {
  const stem = join(downloadsDir, sha256);
  return { part: `${stem}.part`, note: `${stem}.part.json`, lock: `${stem}.lock` };
}

/**
 * Bring the file of a proved list into the store. A file that is there is hashed again; a program that finds another one at
 * the same download waits for it.
 *
 * @returns whether it was there before
 * @throws IoError DOWNLOAD_DIGEST_MISMATCH, HTTP_*, DISK_FULL, TOOL_MISSING (flock)
 */
export async function fetchTarball(
  ports: Ports,
  server: Server,
  { store, downloadsDir }: Pick<FetchCache, 'store' | 'downloadsDir'>,
  { name, sha256 }: ListedImageBuilder,
  url: string,
): Promise<{ readonly cached: boolean }> {
  if (await isSound(ports, store, sha256)) return { cached: true };
  const paths = downloadPaths(downloadsDir, sha256);
  await ports.files.makeDir(downloadsDir);
  if ((await ports.files.kind(paths.lock)) === 'missing') await ports.files.writeFile(paths.lock, '');
  const onWait = (): void => ports.reporter.progress('waiting-for-download', { name });
  return withFileLock(
    ports,
    paths.lock,
    async () => {
      const cached = await isSound(ports, store, sha256);
      if (!cached) {
        const downloaded = await downloadRight(ports, server, paths, { name, sha256 }, url);
        await store.adopt(paths.part, downloaded.sha256);
      }
      // The next one in the queue of this lock looks into the store first, so the file of the lock may go.
      for (const path of Object.values(paths)) await ports.files.remove(path);
      return { cached };
    },
    { onWait },
  );
}

async function isSound(ports: Ports, store: Store, sha256: Sha256): Promise<boolean> {
  const found = await store.check(sha256);
  if (found.state === 'damaged') {
    const { code, message, hint = '', details } = found.error;
    ports.reporter.warn({ code, message, hint, details });
    await store.remove(sha256);
  }
  return found.state === 'sound';
}

/** A beginning left by an earlier run may be spoiled, by a power cut for instance: then all of it is fetched once more. */
async function downloadRight(
  ports: Ports,
  server: Server,
  paths: DownloadPaths,
  { name, sha256 }: ListedImageBuilder,
  url: string,
): Promise<HttpDownloaded> {
  for (;;) {
    const found = await downloadPart(ports, server, paths.part, name, url);
    if (found.sha256 === sha256) return found;
    await ports.files.remove(paths.note);
    await ports.files.remove(paths.part);
    if (found.resumedBytes === 0) throw digestMismatch(url, sha256, found.sha256, found.sizeBytes);
  }
}

async function downloadPart(
  ports: Ports,
  server: Server,
  path: string,
  name: string,
  url: string,
): Promise<HttpDownloaded> {
  let shown = -1;
  return server.http.download({
    url,
    path,
    limitBytes: MAX_TARBALL_BYTES,
    onRetry: server.onRetry,
    onProgress: (doneBytes, totalBytes) => {
      const done = Math.floor(doneBytes / MEGABYTE);
      if (done === shown) return;
      if (shown < 0 && doneBytes > 0) ports.reporter.step('resuming-download', { name, megabytes: done });
      shown = done;
      if (totalBytes === undefined) ports.reporter.progress('downloading', { name, megabytes: done });
      else
        ports.reporter.progress('downloading', { name }, { done, total: Math.ceil(totalBytes / MEGABYTE) });
    },
  });
}
