import type { ErrorInit, Finding } from '../../errors.ts';
import { BuilderError, type BuilderErrorCode } from '../errors.ts';
import {
  explainBrokenTree,
  explainBusyTree,
  explainDiskFull,
  explainKilled,
  explainOverlayClash,
  explainPrerequisites,
  explainTreePath,
  explainUmask,
} from './failures-host.ts';
import { explainMisfit, explainNotBuilt } from './failures-image.ts';
import {
  explainConflict,
  explainCorruptPackage,
  explainDependency,
  explainFailedScript,
  explainFileClash,
  explainRefusedPackage,
  explainUnknownPackage,
  explainUnknownProfile,
  explainUnreachableFeed,
  explainUnreadablePackage,
} from './failures-packages.ts';
import type { BuiltSizes } from './fit.ts';
import { selectLogLines } from './log-lines.ts';

/** All that is known of a run of make that brought no image. */
export interface FailedBuild {
  /** 0 does not mean success: `make image` returns it for an image that does not fit. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly fd8: string;
  readonly sizes: BuiltSizes;
  /** What would make its root file system smaller, where it was made. */
  readonly advice?: readonly Finding[];
  readonly profile: string;
  /** `PACKAGES` as it was passed. */
  readonly packages: readonly string[];
  readonly knownProfiles: readonly string[];
  readonly knownPackages: readonly string[];
}

/** A sentence, an action and the values, or nothing where the output does not speak of this cause. */
export type Explanation = Omit<ErrorInit, 'lines' | 'logPath'> | undefined;

/**
 * What is known to go wrong, in the order it is asked: causes of the machine before what follows from them, and a feed
 * that could not be read before the packages that were then not found.
 */
const CAUSES: readonly (readonly [BuilderErrorCode, (build: FailedBuild) => Explanation])[] = [
  ['BUILD_DISK_FULL', explainDiskFull],
  ['IMAGEBUILDER_PATH_UNSAFE', explainTreePath],
  ['UMASK_WRONG', explainUmask],
  ['PREREQUISITE_MISSING', explainPrerequisites],
  ['PROFILE_UNKNOWN', explainUnknownProfile],
  ['TREE_BUSY', explainBusyTree],
  ['PACKAGE_CORRUPT', explainCorruptPackage],
  ['FILE_CLASH', explainFileClash],
  ['PACKAGE_CONFLICT', explainConflict],
  ['FEED_UNREACHABLE', explainUnreachableFeed],
  ['DEPENDENCY_UNSATISFIED', explainDependency],
  ['PACKAGE_CORRUPT', explainUnreadablePackage],
  ['PACKAGE_UNKNOWN', (build) => explainUnknownPackage(build, 'asked-for')],
  ['PACKAGE_UNAVAILABLE', (build) => explainUnknownPackage(build, 'default')],
  ['PACKAGE_INSTALL_FAILED', explainRefusedPackage],
  ['PACKAGE_SCRIPT_FAILED', explainFailedScript],
  ['OVERLAY_CLASH', explainOverlayClash],
  ['IMAGE_TOO_BIG', explainMisfit],
  ['TREE_BROKEN', explainBrokenTree],
  ['BUILD_KILLED', explainKilled],
  ['IMAGE_NOT_BUILT', explainNotBuilt],
];

/**
 * The cause of a build that brought no image, read from what it printed; BUILD_FAILED where no known one fits. Always with
 * the lines that matter.
 */
export function classifyFailure(build: FailedBuild, logPath?: string): BuilderError {
  const lines = selectLogLines(build.stdout, `${build.stderr}\n${build.fd8}`);
  const log = logPath === undefined ? {} : { logPath };
  for (const [code, explain] of CAUSES) {
    const explanation = explain(build);
    if (explanation !== undefined) return new BuilderError(code, { ...explanation, lines, ...log });
  }
  return new BuilderError('BUILD_FAILED', {
    message: `wanted make to end with exit code 0, found ${build.exitCode}`,
    hint: 'read the lines shown; the full log has the rest',
    details: { exitCode: build.exitCode },
    lines,
    ...log,
  });
}
