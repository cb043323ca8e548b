import { join } from 'node:path';
import { withFileLock } from '../../io/lock.ts';
import { chooseSafeDir, safeDirCandidates } from '../../io/temp.ts';
import type { BuilderEngine } from '../types.ts';
import { buildImage } from './build-image.ts';
import { locateImageBuilder } from './locate.ts';
import { readBuilderInfo } from './read-info.ts';
import { unpackImageBuilder } from './unpack.ts';

/**
 * Build with an ImageBuilder on this machine: a folder, or an archive that is unpacked once. The tree is locked while it
 * is open, for two builds in one tree spoil each other.
 *
 * @throws BuilderError IMAGEBUILDER_*; IoError; ReleaseError MAKE_INFO_INVALID
 */
export const localBuilder: BuilderEngine = {
  id: 'local',
  async withBuilder(ports, options, use) {
    const source = await locateImageBuilder(ports, options.imagebuilder);
    const workDir = await chooseSafeDir(ports, safeDirCandidates(ports, options.cacheDir));
    const tree =
      source.type === 'tree' ? source : await unpackImageBuilder(ports, source.path, join(workDir, 'trees'));
    const lock = {
      onWait: () => ports.reporter.progress('waiting-for-tree', { path: tree.dir }),
    };
    return withFileLock(
      ports,
      join(tree.dir, 'Makefile'),
      async () => {
        ports.reporter.step('locked-tree', { path: tree.dir });
        const info = await readBuilderInfo(ports, tree);
        return use({
          info,
          build: (request) =>
            buildImage({ ports, tree, info, request, workDir: join(workDir, 'work'), options }),
        });
      },
      lock,
    );
  },
};
