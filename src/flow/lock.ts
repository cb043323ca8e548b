import { dirname, join, resolve } from 'node:path';
import {
  checkChanges,
  checkLockedSettings,
  compareInputs,
  comparePackages,
  type InputChange,
  type PackageChange,
} from '../attest/compare-locks.ts';
import { computeLock } from '../attest/compute-lock.ts';
import { AttestError } from '../attest/errors.ts';
import { type Lock, parseLock, renderLock } from '../attest/lock.ts';
import type { Finding } from '../errors.ts';
import type { Ports } from '../io/ports.ts';
import { writeFileAtomic } from '../io/store-write.ts';
import { withTempDir } from '../io/temp.ts';
import { extraImageName } from '../plan/compute-plan.ts';
import { gatherInputs } from './build.ts';
import { judgePackages } from './judge.ts';
import type { LoadedConfig } from './load-config.ts';
import { type ImageBuilderOptions, withImageBuilder } from './open-imagebuilder.ts';
import { preparePlan } from './prepare-plan.ts';

export const LOCK_FILE = 'mape-image.lock.json';

/** A lock and the name of its file, as the user knows it. */
export interface NamedLock {
  readonly lock: Lock;
  readonly file: string;
}

/**
 * Where a lock stands: the file named, else the one beside the configuration.
 *
 * @param config path of the configuration file, as the user wrote it
 */
export function lockPath(file: string | undefined, config: string | undefined): string {
  return file ?? join(config === undefined ? '' : dirname(config), LOCK_FILE);
}

/**
 * Read a lock that has to be there.
 *
 * @throws AttestError LOCK_MISSING, LOCK_INVALID; IoError
 */
export async function readLock(ports: Ports, file: string): Promise<NamedLock> {
  const path = resolve(ports.cwd, file);
  if ((await ports.files.kind(path)) !== 'file') {
    throw new AttestError('LOCK_MISSING', {
      message: `wanted a lock at ${file}, found none`,
      hint: 'make one with "mape-image lock", or name it with --lock',
      details: { file },
    });
  }
  return { lock: parseLock(await ports.files.readText(path), file), file };
}

export interface LockOptions extends ImageBuilderOptions {
  /** As the user wrote it. */
  readonly file: string;
  /** Replace a lock that differs. */
  readonly update: boolean;
  readonly dryRun: boolean;
}

/** The lock as it is now, and how it differs from the one that was there. */
export interface LockResult {
  readonly lock: Lock;
  readonly path: string;
  readonly former: Lock | undefined;
  readonly settings: readonly Finding[];
  readonly inputs: readonly InputChange[];
  readonly packages: readonly PackageChange[];
  readonly written: boolean;
}

/**
 * Find out what a build takes, by building, and write it down; the image itself is not kept.
 *
 * Nothing less tells it: which packages an image holds, in which versions, is decided by the package manager as it installs
 * them. A lock that is there already and differs is replaced on request alone.
 *
 * @throws AttestError LOCK_EXISTS with every difference; as buildImage
 */
export async function makeLock(
  ports: Ports,
  loaded: LoadedConfig,
  options: LockOptions,
): Promise<LockResult> {
  const path = resolve(ports.cwd, options.file);
  const former =
    (await ports.files.kind(path)) === 'missing' ? undefined : (await readLock(ports, options.file)).lock;
  const lock = await computeFreshLock(ports, loaded, options);
  const result = { lock, path, former, ...compareWith(former, lock) };
  const findings = [...result.settings, ...checkChanges(result.inputs, result.packages)];
  if (former !== undefined && findings.length === 0) return { ...result, written: false };
  if (former !== undefined && !options.update && !options.dryRun) {
    throw new AttestError('LOCK_EXISTS', {
      message: `${options.file} exists and differs in ${findings.length} ${findings.length === 1 ? 'place' : 'places'}`,
      hint: 'accept the differences with --update',
      details: { file: options.file, count: findings.length },
      findings,
    });
  }
  if (options.dryRun) return { ...result, written: false };
  await writeFileAtomic(path, renderLock(lock));
  ports.reporter.step('wrote-lock', { file: options.file, packages: lock.packages.length });
  return { ...result, written: true };
}

function compareWith(
  former: Lock | undefined,
  lock: Lock,
): Pick<LockResult, 'settings' | 'inputs' | 'packages'> {
  if (former === undefined) return { settings: [], inputs: [], packages: [] };
  return {
    settings: checkLockedSettings(former.config.settings, lock.config.settings),
    inputs: compareInputs(former, lock),
    packages: comparePackages(former, lock),
  };
}

function computeFreshLock(
  ports: Ports,
  { config, warnings }: LoadedConfig,
  options: LockOptions,
): Promise<Lock> {
  const wish = { profile: config.profile, release: config.release };
  return withImageBuilder(ports, wish, options, async (open) => {
    const { plan, overlay, warnings: planned } = await preparePlan(ports, config, open.builder.info);
    for (const warning of [...warnings, ...planned]) ports.reporter.warn(warning);
    return withTempDir(ports, join(options.cacheDir, 'work'), async (outputDir) => {
      const { profile, packages } = plan;
      const request = { profile, packages, extraImageName: extraImageName(plan), overlay, outputDir };
      const image = await open.builder.build(request);
      // What else the image is, is no matter of a lock; a package that is missing is.
      judgePackages(plan, image.installed);
      return computeLock(gatherInputs(config, plan, open), image);
    });
  });
}
