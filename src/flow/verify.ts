import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { parseRecordedPlan } from '../attest/recorded-plan.ts';
import type { Finding } from '../errors.ts';
import { checkImage, type ImageFacts } from '../image/check/check-image.ts';
import type { CheckedPlan } from '../image/check/checked-plan.ts';
import { listScripts } from '../image/check/scripts.ts';
import { indexRoot } from '../image/contents/root-index.ts';
import type { Ports } from '../io/ports.ts';
import { checkFit } from './check-fit.ts';
import { checkScripts } from './check-scripts.ts';
import { FlowError } from './errors.ts';
import { findImage } from './find-image.ts';
import { type Inspected, inspectImage } from './inspect.ts';
import { readSums } from './output-dir.ts';
import { readImage } from './read-image.ts';

export interface VerifyInput {
  readonly bytes: Uint8Array;
  readonly plan: CheckedPlan;
  readonly profile: string;
  /** Digest the record beside the image has; absent: there is no record. */
  readonly recordedSha256: string | undefined;
  /** Where scripts are written to be judged, absolute. */
  readonly tempDir: string;
  /** Room of the firmware by the ImageBuilder's makefiles, in bytes. */
  readonly imageLimitBytes?: number | undefined;
}

export interface Verified {
  readonly inspected: Inspected;
  /** All that was found; an error means: do not flash. */
  readonly findings: readonly Finding[];
}

/**
 * Read an image back and hold it against its plan.
 *
 * @throws ImageError where the image cannot be read at all; IoError
 */
export async function verifyImage(ports: Ports, input: VerifyInput): Promise<Verified> {
  const { bytes, plan, profile, recordedSha256, tempDir, imageLimitBytes } = input;
  const inspected = await inspectImage(bytes, profile);
  const { squashfs, device, image } = inspected;
  const facts: ImageFacts = {
    sha256: inspected.sha256,
    boards: image.metadata?.supportedDevices,
    device,
    recordedSha256,
  };
  if (squashfs === undefined)
    return { inspected, findings: [...image.findings, rootUnreadable(image.rootfs?.type ?? 'none')] };
  const scripts = await listScripts(plan, indexRoot(squashfs));
  return {
    inspected,
    findings: [
      ...image.findings,
      ...(await checkImage(plan, squashfs, facts)),
      ...(await checkScripts(ports, scripts, squashfs, tempDir)),
      ...(await checkFit(inspected, plan, imageLimitBytes)),
    ],
  };
}

export interface VerifyPathOptions {
  /** As the user wrote them. */
  readonly image: string;
  readonly plan: string | undefined;
  readonly tempDir: string;
}

/** An image with its plan, found by its path. */
export interface VerifiedPath extends Verified {
  readonly path: string;
  readonly planId: string;
}

/**
 * Verify an image on disk with the plan and the record beside it.
 *
 * @throws FlowError VERIFY_NO_PLAN, INSPECT_*; AttestError RECORD_INVALID; as verifyImage
 */
export async function verifyPath(ports: Ports, options: VerifyPathOptions): Promise<VerifiedPath> {
  const path = await findImage(ports, resolve(ports.cwd, options.image));
  const planPath =
    options.plan === undefined ? join(dirname(path), 'plan.json') : resolve(ports.cwd, options.plan);
  if ((await ports.files.kind(planPath)) !== 'file') throw noPlan(planPath);
  const plan = parseRecordedPlan(await ports.files.readText(planPath));
  const bytes = await readImage(ports, path, Readable.from([]));
  const recordedSha256 = (await readSums(ports, dirname(path))).get(basename(path));
  const { profile } = plan;
  const { tempDir } = options;
  const verified = await verifyImage(ports, { bytes, plan, profile, recordedSha256, tempDir });
  return { ...verified, path, planId: plan.id };
}

/** The error of an image with errors among its findings; all findings go along. */
export function verifyFailed(path: string, findings: readonly Finding[], count: number): FlowError {
  return new FlowError('VERIFY_FAILED', {
    message: `do not flash ${path}: ${count} ${count === 1 ? 'error' : 'errors'}`,
    hint: 'correct what is named above and build again',
    details: { path, count },
    findings,
  });
}

function noPlan(path: string): FlowError {
  return new FlowError('VERIFY_NO_PLAN', {
    message: `wanted the plan of the image at ${path}, found none`,
    hint: 'give it with --plan, or give the folder that build wrote',
    details: { path },
  });
}

/** Nothing inside was checked. */
export function rootUnreadable(found: string): Finding {
  return {
    severity: 'warning',
    code: 'VERIFY_ROOT_UNREADABLE',
    message: `the root file system (${found}) cannot be read, so what is in it was not checked`,
    hint: 'use the squashfs image of the device where there is one',
    details: { found },
  };
}
