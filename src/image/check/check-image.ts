import type { Finding } from '../../errors.ts';
import { computePlanId } from '../../plan/compute-plan.ts';
import { collectImageError } from '../contents/collect.ts';
import { listClosedDirectories } from '../contents/modes.ts';
import { readPackages } from '../contents/packages.ts';
import { readRelease } from '../contents/release.ts';
import { indexRoot, type RootIndex } from '../contents/root-index.ts';
import type { RootFilesystem } from '../root-filesystem.ts';
import { type BoardCheck, checkBoard } from './board.ts';
import type { CheckedOverlay, CheckedPlan } from './checked-plan.ts';
import { checkKernelModules } from './kernel-modules.ts';
import { checkOverlayFiles } from './overlay-files.ts';
import { checkInstalledPackages, indexInstalled } from './packages.ts';
import { checkServices } from './services.ts';
import { checkUnplannedFiles } from './unplanned-files.ts';

/** What is known of an image beside its root file system. */
export interface ImageFacts {
  readonly sha256: string;
  /** Boards of the image's metadata; absent: it has none. */
  readonly boards: readonly string[] | undefined;
  readonly device: Omit<BoardCheck, 'boards'>;
  /** Digest the record beside the image has; absent: there is no record. */
  readonly recordedSha256: string | undefined;
}

/**
 * Hold a finished image against its plan and return all that is wrong. An error means: do not flash it.
 *
 * Whether it fits into the flash, and what programs say of its scripts (`listScripts`), is judged elsewhere.
 *
 * @throws what the root's own reader throws
 */
export async function checkImage(
  plan: CheckedPlan,
  rootfs: RootFilesystem,
  facts: ImageFacts,
): Promise<readonly Finding[]> {
  const root = indexRoot(rootfs);
  return [
    ...checkPlanId(plan),
    ...checkDigest(facts),
    ...checkMetadata(facts),
    ...(await checkRelease(plan, root)),
    ...(await checkOverlayFiles(plan, root)),
    ...checkUnplannedFiles(plan, root),
    ...checkClosedDirectories(plan, root),
    ...(await checkPackageList(plan, root)),
    ...(await checkKernelModules(root)),
    ...(await checkServices(plan, root)),
  ];
}

/** The id is the digest of all else in the plan; that of a record was held against it when it was read. */
function checkPlanId(plan: CheckedPlan): readonly Finding[] {
  if (!('schema' in plan)) return [];
  const { id, ...body } = plan;
  const found = computePlanId(body);
  if (found === id) return [];
  return [
    {
      severity: 'error',
      code: 'VERIFY_PLAN_CHANGED',
      message: `wanted a plan with the digest ${id}, which is its id, found ${found}`,
      hint: 'the plan was changed after it was made: take the original, or build again',
      details: { wanted: id, found },
    },
  ];
}

function checkDigest({ sha256, recordedSha256 }: ImageFacts): readonly Finding[] {
  if (recordedSha256 === undefined || recordedSha256 === sha256) return [];
  return [
    {
      severity: 'error',
      code: 'VERIFY_DIGEST_DIFFERS',
      message: `wanted an image with the sha256 ${recordedSha256}, found ${sha256}`,
      hint: 'the image is not the one of the record: copy it again, or build again',
      details: { wanted: recordedSha256, found: sha256 },
    },
  ];
}

function checkMetadata({ boards, device }: ImageFacts): readonly Finding[] {
  if (boards !== undefined) return checkBoard({ boards, ...device });
  return [
    {
      severity: 'warning',
      code: 'VERIFY_NO_METADATA',
      message: 'the image does not say which board it is for, so the router cannot check it',
      hint: 'take the sysupgrade image, not the factory image',
    },
  ];
}

async function checkRelease(plan: CheckedPlan, root: RootIndex): Promise<readonly Finding[]> {
  const planned = 'schema' in plan ? plan.imagebuilder : plan;
  if (planned === null) return [];
  const findings: Finding[] = [];
  const release = await collectImageError(findings, () => readRelease(root));
  for (const what of ['version', 'revision', 'target'] as const) {
    const wanted = planned[what];
    const found = release?.[what];
    if (found === undefined || found === wanted) continue;
    findings.push({
      severity: 'error',
      code: 'VERIFY_RELEASE_DIFFERS',
      message: `wanted an image of the ${what} ${wanted}, found ${found}`,
      hint: 'do not flash it; build the image again',
      details: { what, wanted, found },
    });
  }
  return findings;
}

/** On the way to our own files a closed directory is an error; a package may have reasons for one of its own. */
function checkClosedDirectories({ overlay }: CheckedOverlay, root: RootIndex): readonly Finding[] {
  const onOurWay = (path: string) =>
    path === '/' || overlay.some((entry) => entry.path === path || entry.path.startsWith(`${path}/`));
  return listClosedDirectories(root.rootfs.entries).map(({ path, mode }) => {
    const found = mode.toString(8).padStart(4, '0');
    return {
      severity: onOurWay(path) ? 'error' : 'warning',
      code: 'VERIFY_CLOSED_DIRECTORY',
      message: `wanted a directory that everyone can pass at ${path}, found mode ${found}`,
      hint: 'build again with umask 022; give your own folders mode 0755',
      details: { path, found },
    };
  });
}

async function checkPackageList(plan: CheckedPlan, root: RootIndex): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const list = await collectImageError(findings, () => readPackages(root));
  if (list !== undefined)
    return [...findings, ...checkInstalledPackages(plan, indexInstalled(list.packages))];
  if (findings.length > 0) return findings;
  return [
    {
      severity: 'warning',
      code: 'VERIFY_NO_PACKAGE_LIST',
      message: 'the image has no list of its packages, so they cannot be checked',
      hint: 'look into the manifest beside the image',
    },
  ];
}
