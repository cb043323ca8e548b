import { join } from 'node:path';
import type { Ports } from '../io/ports.ts';
import { safeDirCandidates } from '../io/temp.ts';

/**
 * The folders of one name in which builds keep things: each build takes the first place that make can bear, which is not
 * always the cache.
 *
 * @returns absolute paths of those that are there and nobody else's
 */
export async function listBuildFolders(
  ports: Ports,
  cacheDir: string,
  name: 'trees' | 'packages',
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path, shared } of safeDirCandidates(ports, cacheDir)) {
    const folder = join(path, name);
    if ((await ports.files.kind(folder)) !== 'directory') continue;
    if (shared && !(await ports.files.isPrivateDir(path))) continue;
    found.push(folder);
  }
  return found;
}
