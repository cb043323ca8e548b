import { basename, join } from 'node:path';
import { withFileLock } from '../../io/lock.ts';
import type { Ports } from '../../io/ports.ts';
import { chooseSafeDir, safeDirCandidates } from '../../io/temp.ts';
import type { BuilderEngine, BuilderSource, LocalBuilderOptions } from '../types.ts';
import { buildImage } from './build-image.ts';
import { readImageLimit } from './image-limit.ts';
import { type ImageBuilderLocation, locateImageBuilder, type TreeLocation } from './locate.ts';
import { readCachedSizes, withPackageCache } from './package-cache.ts';
import { readPackageSizes } from './package-sizes.ts';
import { readBuilderInfo } from './read-info.ts';
import { computeTreeDigest, readRepositories } from './tree-source.ts';
import { makeTreeWorkshop } from './tree-workshop.ts';
import { unpackImageBuilder } from './unpack.ts';

/**
 * Build with an ImageBuilder on this machine: a folder, or an archive that is unpacked once. The tree is locked while it
 * is open, for two builds in one tree spoil each other.
 *
 * @throws BuilderError IMAGEBUILDER_*; IoError; ReleaseError MAKE_INFO_INVALID
 */
export const localBuilder: BuilderEngine<LocalBuilderOptions> = {
  id: 'local',
  async withBuilder(ports, options, use) {
    const found = await locateImageBuilder(ports, options.imagebuilder);
    const workDir = await chooseSafeDir(ports, safeDirCandidates(ports, options.cacheDir));
    const { tree, ...identity } = await openTree(ports, found, options, workDir);
    const lock = {
      onWait: () => ports.reporter.progress('waiting-for-tree', { path: tree.dir }),
    };
    return withFileLock(
      ports,
      join(tree.dir, 'Makefile'),
      async () => {
        ports.reporter.step('locked-tree', { path: tree.dir });
        const workshop = makeTreeWorkshop(ports, tree.dir, join(workDir, 'work'));
        const info = await readBuilderInfo(ports, tree, workshop);
        const repositories = await readRepositories(ports, tree);
        const cached = { dir: tree.dir, info, repositories, storeDir: join(workDir, 'packages') };
        return use({
          info,
          source: { ...identity, repositories },
          build: async (request) => {
            const limit = await readImageLimit(ports, tree.dir, info.target, request.profile);
            const image = await withPackageCache(ports, cached, () =>
              buildImage({ ports, workshop, tree, info, request, options }),
            );
            return { ...image, imageLimitBytes: limit };
          },
          packageFileBytes: async () => readPackageSizes(ports, tree, await readCachedSizes(ports, cached)),
        });
      },
      lock,
    );
  },
};

async function openTree(
  ports: Ports,
  found: ImageBuilderLocation,
  { verified }: LocalBuilderOptions,
  workDir: string,
): Promise<{ readonly tree: TreeLocation } & Omit<BuilderSource, 'repositories'>> {
  if (found.type === 'tree') {
    const sha256 = await computeTreeDigest(ports, found.dir);
    return { tree: found, kind: 'folder', name: basename(found.dir), sha256 };
  }
  const archive = { path: found.path, verified };
  return { kind: 'archive', ...(await unpackImageBuilder(ports, archive, join(workDir, 'trees'))) };
}
