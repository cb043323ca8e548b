import type { BuiltImage } from '../builder/types.ts';
import type { Fit } from '../device/fit.ts';
import type { Finding } from '../errors.ts';
import { checkInstalledPackages, indexManifest } from '../image/check/packages.ts';
import { ImageError } from '../image/errors.ts';
import type { Ports } from '../io/ports.ts';
import type { Plan } from '../plan/plan.ts';
import { FlowError } from './errors.ts';
import { rootUnreadable, type VerifyInput, verifyFailed, verifyImage } from './verify.ts';

/** What is known of a finished image beyond its digest. */
export interface Judgement {
  readonly fit: Fit | undefined;
  readonly warnings: readonly Finding[];
}

export interface JudgeOptions {
  /** Let an image pass that forgets its settings. */
  readonly force: boolean;
  /** Where scripts are written to be judged, absolute. */
  readonly tempDir: string;
}

/**
 * Read a finished image back and hold it against its plan: no image gets its final name without it.
 *
 * @throws FlowError BUILD_PACKAGES_DIFFER, BUILD_FORGETS_SETTINGS, VERIFY_FAILED; ImageError
 */
export async function judgeImage(
  ports: Ports,
  plan: Plan,
  image: Pick<BuiltImage, 'imagePath' | 'imageName' | 'sha256' | 'installed' | 'imageLimitBytes'>,
  { force, tempDir }: JudgeOptions,
): Promise<Judgement> {
  const packages = judgePackages(plan, image.installed);
  const verified = await verifyKnown(ports, {
    bytes: await ports.files.readFile(image.imagePath),
    plan,
    profile: plan.profile,
    recordedSha256: image.sha256,
    imageLimitBytes: image.imageLimitBytes,
    tempDir,
  });
  const { findings } = verified;
  const forgets = findings.find(({ code }) => code === 'IMAGE_FORGETS_SETTINGS');
  const errors = findings.filter((finding) => finding.severity === 'error' && finding !== forgets);
  if (errors.length > 0) {
    throw verifyFailed(image.imageName, findings, errors.length);
  }
  if (forgets !== undefined && !force) throw forgetsSettings(forgets, findings);
  const known = new Set(findings.map(({ code, message }) => `${code} ${message}`));
  const own = packages.filter(({ code, message }) => !known.has(`${code} ${message}`));
  const warnings = findings.map((finding): Finding => ({ ...finding, severity: 'warning' }));
  return { fit: verified.fit, warnings: [...own, ...warnings] };
}

/** A container of a kind that is not known here cannot be read back: the build is told so, and nothing is concluded. */
async function verifyKnown(
  ports: Ports,
  input: VerifyInput,
): Promise<{ readonly findings: readonly Finding[]; readonly fit: Fit | undefined }> {
  try {
    const { inspected, findings } = await verifyImage(ports, input);
    return { findings, fit: inspected.fit };
  } catch (error) {
    if (!(error instanceof ImageError) || error.code !== 'IMAGE_UNKNOWN') throw error;
    return { findings: [rootUnreadable('unknown')], fit: undefined };
  }
}

/**
 * Hold the packages of a manifest against those asked for.
 *
 * @returns warnings
 * @throws FlowError BUILD_PACKAGES_DIFFER
 */
export function judgePackages(
  plan: Pick<Plan, 'packages'>,
  installed: ReadonlyMap<string, string>,
): readonly Finding[] {
  const findings = checkInstalledPackages(plan, indexManifest(installed));
  const count = findings.filter(({ severity }) => severity === 'error').length;
  if (count === 0) return findings;
  throw new FlowError('BUILD_PACKAGES_DIFFER', {
    message: `the image lacks ${count} of the packages planned`,
    hint: 'do not flash it; see the log of the build',
    details: { count },
    findings,
  });
}

/** The error a build ends with; what could be left out stands above it. */
function forgetsSettings(forgets: Finding, findings: readonly Finding[]): FlowError {
  return new FlowError('BUILD_FORGETS_SETTINGS', {
    message: forgets.message,
    ...(forgets.hint === undefined ? {} : { hint: forgets.hint }),
    ...(forgets.details === undefined ? {} : { details: forgets.details }),
    findings: findings.filter((finding) => finding !== forgets),
  });
}
