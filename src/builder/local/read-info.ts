import { join } from 'node:path';
import type { Ports } from '../../io/ports.ts';
import { parseMakeInfo } from '../../release/make-info.ts';
import { parseSeries } from '../../release/version.ts';
import { BuilderError } from '../errors.ts';
import type { BuilderInfo } from '../types.ts';
import type { Workshop } from '../workshop.ts';
import { classifyFailure } from './failures.ts';
import type { TreeLocation } from './locate.ts';
import { parseVersionMk } from './version-mk.ts';

/** It takes 0.2 s; the first time in a tree some seconds. */
const INFO_TIMEOUT_MS = 2 * 60_000;

/**
 * What a tree says of itself: `make info`, and the version and time baked into it.
 *
 * @throws BuilderError as classifyFailure, IMAGEBUILDER_INCOMPLETE; ReleaseError MAKE_INFO_INVALID, RELEASE_UNSUPPORTED
 */
export async function readBuilderInfo(
  ports: Ports,
  tree: TreeLocation,
  workshop: Workshop,
): Promise<BuilderInfo> {
  const { version, sourceDateEpochSec } = parseVersionMk(
    await ports.files.readText(join(tree.dir, 'include/version.mk')),
    await ports.files.readText(join(tree.dir, '.config')),
  );
  if (version === undefined) {
    throw new BuilderError('IMAGEBUILDER_INCOMPLETE', {
      message: `wanted a VERSION_NUMBER in ${join(workshop.dir, 'include/version.mk')}, found none`,
      hint: 'unpack the archive of the ImageBuilder again, or give the archive itself',
      details: { path: workshop.dir, missing: ['VERSION_NUMBER'] },
    });
  }
  parseSeries(version);
  const run = await workshop.runMake(['info'], { timeoutMs: INFO_TIMEOUT_MS });
  if (run.exitCode !== 0) {
    throw classifyFailure({
      ...run,
      sizes: { kernelBytes: undefined, rootfsBytes: undefined },
      profile: '',
      packages: [],
      knownProfiles: [],
      knownPackages: [],
    });
  }
  const { target, revision, defaultPackages, profiles } = parseMakeInfo(run.stdout);
  const { packageManager } = tree;
  ports.reporter.step('read-make-info', { version, target, revision, packageManager });
  return { version, target, revision, packageManager, defaultPackages, profiles, sourceDateEpochSec };
}
