import { basename, join, relative, resolve } from 'node:path';
import { computeLock, computeLockedSettings } from '../attest/compute-lock.ts';
import type { InputFacts } from '../attest/facts.ts';
import { type Lock, parseLock } from '../attest/lock.ts';
import { verifyLock, verifyLockedConfig } from '../attest/verify-lock.ts';
import type { BuiltImage } from '../builder/types.ts';
import type { ResolvedConfig } from '../config/config.ts';
import type { Finding } from '../errors.ts';
import type { Ports, Reporter } from '../io/ports.ts';
import { extraImageName, type Planned } from '../plan/compute-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { BuildDocument } from './build-result.ts';
import { checkEstimate } from './estimate.ts';
import { judgeImage } from './judge.ts';
import type { LoadedConfig } from './load-config.ts';
import type { NamedLock } from './lock.ts';
import { type ImageBuilderOptions, type OpenImageBuilder, withImageBuilder } from './open-imagebuilder.ts';
import { outputDirOf, readFinishedBuild, withNewDir } from './output-dir.ts';
import { preparePlan } from './prepare-plan.ts';
import { writeRecord } from './record.ts';

export interface BuildOptions extends ImageBuilderOptions {
  readonly outDir: string;
  readonly force: boolean;
  /** What the build has to take, exactly. */
  readonly lock?: NamedLock | undefined;
  /** The report for a person, from what is known of the image. */
  readonly renderReport: (plan: Plan, document: BuildDocument) => string;
}

export interface Built {
  readonly plan: Plan;
  readonly document: BuildDocument;
}

/**
 * Build the image of a configuration: open the ImageBuilder, plan, build, judge, land the result with its record under its
 * final name.
 *
 * A plan that has been built before, with all files unharmed, is not built again. With a lock its release is the one that is
 * fetched, and nothing lands that differs from it.
 *
 * @throws FlowError, BuilderError, PlanError, MapeError, IoError; AttestError LOCK_OTHER_CONFIG, LOCK_DIFFERS
 */
export async function buildImage(ports: Ports, loaded: LoadedConfig, options: BuildOptions): Promise<Built> {
  const { config } = loaded;
  const { lock } = options;
  if (lock !== undefined) verifyLockedConfig(lock.lock, config, lock.file);
  await checkSettingsFirst(ports, config, options);
  const wish = { profile: config.profile, release: lock?.lock.release ?? config.release };
  return withImageBuilder(ports, wish, options, async (open) => {
    const planned = await preparePlan(ports, config, open.builder.info);
    const inputs = gatherInputs(config, planned.plan, open);
    if (lock !== undefined) verifyLock(lock.lock, computeLock(inputs, NO_PACKAGES), 'inputs', lock.file);
    const finalDir = outputDirOf(resolve(ports.cwd, options.outDir), planned.plan);
    const finished = options.force ? undefined : await readFinishedBuild(ports, finalDir, planned.plan);
    if (finished !== undefined) {
      if (lock !== undefined) await verifyFinished(ports, finalDir, lock);
      ports.reporter.step('already-built', { path: shownPath(ports, finalDir) });
      return { plan: planned.plan, document: { ...withPaths(finished, finalDir), reused: true } };
    }
    const warnings = [...loaded.warnings, ...planned.warnings];
    const likely = checkEstimate(planned, await open.builder.packageFileBytes());
    for (const warning of [...warnings, ...likely]) ports.reporter.warn(warning);
    const document = await withNewDir(ports, finalDir, (dir) =>
      fillOutput(ports, open, planned, inputs, warnings, dir, options),
    );
    ports.reporter.step('wrote-output', { path: shownPath(ports, finalDir) });
    return { plan: planned.plan, document: withPaths(document, finalDir) };
  });
}

/** Whatever is wrong with the settings shows before an ImageBuilder is fetched or unpacked; a folder is open at once. */
async function checkSettingsFirst(
  ports: Ports,
  config: ResolvedConfig,
  { imagebuilder }: BuildOptions,
): Promise<void> {
  const isFolder =
    imagebuilder !== undefined && (await ports.files.kind(resolve(ports.cwd, imagebuilder))) === 'directory';
  if (!isFolder) await preparePlan({ ...ports, reporter: SILENT }, config);
}

/** What is fixed before anything is built. */
export function gatherInputs(
  config: ResolvedConfig,
  plan: Plan,
  { builder, source }: OpenImageBuilder,
): InputFacts {
  const { version, target, revision, packageManager } = builder.info;
  const imagebuilder = { version, target, revision, packageManager };
  return {
    programVersion: plan.program.version,
    settings: computeLockedSettings(config),
    profile: plan.profile,
    imagebuilder,
    source,
  };
}

async function verifyFinished(ports: Ports, dir: string, { lock, file }: NamedLock): Promise<void> {
  const path = join(dir, 'lock.json');
  verifyLock(lock, parseLock(await ports.files.readText(path), path), 'all', file);
}

async function fillOutput(
  ports: Ports,
  { builder }: OpenImageBuilder,
  { plan, overlay }: Planned,
  inputs: InputFacts,
  planWarnings: readonly Finding[],
  dir: string,
  options: BuildOptions,
): Promise<BuildDocument> {
  const image = await builder.build({
    profile: plan.profile,
    packages: plan.packages,
    extraImageName: extraImageName(plan),
    overlay,
    outputDir: dir,
  });
  const lock = computeLock(inputs, image);
  verifyPackages(ports, lock, options.lock);
  const profile = builder.info.profiles.find(({ id }) => id === plan.profile);
  const tempDir = join(options.cacheDir, 'work');
  const { fit, warnings: judged } = await judgeImage(ports, plan, image, { force: options.force, tempDir });
  const warnings = [...judged, ...checkPackageFiles(image)];
  for (const warning of warnings) ports.reporter.warn(warning);
  const document: BuildDocument = {
    schema: 'mape-image/build@1',
    ok: true,
    planId: plan.id,
    reused: false,
    image: {
      path: image.imageName,
      sha256: image.sha256,
      sha256Unsigned: image.sha256Unsigned,
      sizeBytes: image.sizeBytes,
      supportedDevices: profile?.supportedDevices ?? [],
      kernelBytes: image.kernelBytes ?? null,
      rootfsBytes: image.rootfsBytes ?? null,
    },
    outputDir: '.',
    overlayBytes: fit?.writableBytes ?? null,
    installedPackages: image.installed.size,
    warnings: [...planWarnings, ...warnings],
  };
  await writeRecord(ports, dir, {
    facts: {
      plan,
      imagebuilder: inputs.imagebuilder,
      source: inputs.source,
      image: { name: image.imageName, sha256: image.sha256, sizeBytes: image.sizeBytes },
      installed: image.installed,
      packageFiles: image.packageFiles,
      sourceDateEpochSec: builder.info.sourceDateEpochSec,
    },
    lock,
    overlay,
    document,
    report: options.renderReport(plan, document),
    builderFiles: [image.manifestPath, image.profilesJsonPath].map((path) => basename(path)),
  });
  return document;
}

function verifyPackages(ports: Ports, found: Lock, locked: NamedLock | undefined): void {
  if (locked === undefined) return;
  verifyLock(locked.lock, found, 'all', locked.file);
  ports.reporter.step('verified-lock', { file: locked.file, packages: found.packages.length });
}

/** A package whose file is gone has no digest in lock and SBOM. */
function checkPackageFiles({ installed, packageFiles }: BuiltImage): readonly Finding[] {
  const known = new Set(packageFiles.map(({ name }) => name));
  const packages = [...installed.keys()].filter((name) => !known.has(name));
  if (packages.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'PACKAGE_FILE_UNKNOWN',
      message: `the files of ${packages.length} packages are nowhere in the ImageBuilder: lock and SBOM have no digest of ${packages.slice(0, 5).join(', ')}`,
      hint: 'give the archive of the ImageBuilder in place of a folder that was cleaned',
      details: { count: packages.length, packages },
    },
  ];
}

/** Beside the image paths are relative, so that the folder can be moved; to the caller they are absolute. */
function withPaths(document: BuildDocument, dir: string): BuildDocument {
  return { ...document, image: { ...document.image, path: join(dir, document.image.path) }, outputDir: dir };
}

function shownPath(ports: Ports, path: string): string {
  const shown = relative(ports.cwd, path);
  return shown.startsWith('..') ? path : shown;
}

const NO_PACKAGES = { installed: new Map<string, string>(), packageFiles: [] };
const nothing = (): void => undefined;
const SILENT: Reporter = { step: nothing, progress: nothing, warn: nothing, detail: nothing };
