import { join } from 'node:path';
import { withTempDir } from '../../io/temp.ts';
import { buildImage } from '../local/build-image.ts';
import { readBuilderInfo } from '../local/read-info.ts';
import { readRepositories } from '../local/tree-source.ts';
import type { BuilderEngine, ContainerBuilderOptions } from '../types.ts';
import { withContainer } from './container.ts';
import { prepareTree } from './container-tree.ts';
import { openContainerWorkshop } from './container-workshop.ts';
import { explainBuildInContainer } from './explain-build.ts';
import { obtainImage } from './image.ts';
import { findContainerTool } from './tool.ts';

/**
 * Build with an ImageBuilder in a container of podman or docker, for machines on which it does not run itself. The container
 * is made for this one opening and removed after it; nothing but the image stays.
 *
 * @throws BuilderError CONTAINER_*, IMAGEBUILDER_*; IoError; ReleaseError MAKE_INFO_INVALID
 */
export const containerBuilder: BuilderEngine<ContainerBuilderOptions> = {
  id: 'container',
  async withBuilder(ports, options, use) {
    const tool = await findContainerTool(ports);
    const image = await obtainImage(ports, tool, options.image, options);
    const network = options.offline !== true;
    return withTempDir(ports, join(options.cacheDir, 'work'), (tempDir) =>
      withContainer(ports, tool, image, { network }, async (container) => {
        const explained = <T>(work: Promise<T>): Promise<T> =>
          work.catch((error: unknown) => {
            throw explainBuildInContainer(error, container);
          });
        const inside = await prepareTree(ports, container, options);
        const workshop = await openContainerWorkshop(ports, container, inside, tempDir);
        const tree = { type: 'tree', dir: workshop.mirror, packageManager: inside.packageManager } as const;
        const info = {
          ...(await explained(readBuilderInfo(ports, tree, workshop))),
          containerImage: image.pinned,
        };
        return use({
          info,
          source: { ...inside.identity, repositories: await readRepositories(ports, tree) },
          build: (request) => explained(buildImage({ ports, workshop, tree, info, request, options })),
          // What the container has stays in it until something is built.
          packageFileBytes: async () => new Map(),
        });
      }),
    );
  },
};
