import { join } from 'node:path';
import { type CompareImages, checkReproduction, type ImageDifference } from '../attest/compare-builds.ts';
import { computeLock } from '../attest/compute-lock.ts';
import { AttestError } from '../attest/errors.ts';
import type { Lock } from '../attest/lock.ts';
import type { BuiltImage } from '../builder/types.ts';
import { type Finding, MapeImageError } from '../errors.ts';
import { readProgramVersion } from '../io/package-files.ts';
import type { Ports } from '../io/ports.ts';
import { withTempDir } from '../io/temp.ts';
import type { FileTree } from '../overlay/file-tree.ts';
import type { Plan } from '../plan/plan.ts';
import type { LoadedConfig } from './load-config.ts';
import { type ImageBuilderOptions, type OpenImageBuilder, withImageBuilder } from './open-imagebuilder.ts';
import { preparePlan } from './prepare-plan.ts';
import { type ReadRecord, readRecord } from './record-read.ts';

export interface ReproduceOptions extends ImageBuilderOptions {
  /** Folder or file, as the user wrote it. */
  readonly record: string;
  /** The settings the user gives, where the record has secrets that it does not hold, or the user wants them used. */
  readonly loadConfig: (() => Promise<LoadedConfig>) | undefined;
  /** Says which files inside two images differ; absent: sizes and packages alone are told. */
  readonly compareImages?: CompareImages | undefined;
}

export interface Reproduced {
  readonly planId: string;
  readonly imageName: string;
  /** Without a signature, of both. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Whether an ImageBuilder of this kind signs with a random key, which is left out of both. */
  readonly signatureLeftOut: boolean;
  readonly packages: number;
  readonly durationMs: number;
}

/**
 * Build again what a record speaks of and compare bit by bit; nothing of it is kept.
 *
 * The overlay comes from the record itself, so that any version of this program repeats it; where it holds secrets, from the
 * settings, whose plan then has to be the one recorded.
 *
 * @throws AttestError RECORD_*, LOCK_INVALID, REPRODUCED_OTHER with every difference; as buildImage
 */
export async function reproduceBuild(ports: Ports, options: ReproduceOptions): Promise<Reproduced> {
  const record = await readRecord(ports, options.record);
  const { plan, lock } = record;
  const loaded = await chooseConfig(record, options);
  warnOfProgram(ports, plan.programVersion);
  const wish = { profile: plan.profile, release: lock.release, target: lock.target };
  return withImageBuilder(ports, wish, chooseBuilder(lock, options), async (open) => {
    const overlay = await obtainOverlay(ports, record, loaded, open);
    return withTempDir(ports, join(options.cacheDir, 'work'), async (outputDir) => {
      const image = await open.builder.build({
        profile: plan.profile,
        packages: plan.packages,
        extraImageName: `mape-${plan.id.slice(0, 8)}`,
        overlay,
        outputDir,
      });
      await verifyEqual(ports, record, rebuiltLock(lock, open, image), image, options.compareImages);
      return {
        planId: plan.id,
        imageName: image.imageName,
        sha256: image.sha256Unsigned,
        sizeBytes: image.sizeBytes,
        signatureLeftOut: open.builder.info.packageManager === 'opkg',
        packages: image.installed.size,
        durationMs: image.durationMs,
      };
    });
  });
}

async function chooseConfig(
  { overlay, plan }: ReadRecord,
  { loadConfig }: ReproduceOptions,
): Promise<LoadedConfig | undefined> {
  if (loadConfig !== undefined) return loadConfig();
  if (overlay !== undefined) return undefined;
  const paths = plan.overlay.filter((entry) => 'scrypt' in entry).map(({ path }) => path);
  throw new AttestError('RECORD_NEEDS_CONFIG', {
    message: `wanted a record without secrets, found ${paths.length} files whose content is not in it: ${paths.join(', ')}`,
    hint: 'give the settings of the build with -c',
    details: { paths },
  });
}

async function obtainOverlay(
  ports: Ports,
  { overlay, plan }: ReadRecord,
  loaded: LoadedConfig | undefined,
  { builder }: OpenImageBuilder,
): Promise<FileTree> {
  if (loaded === undefined && overlay !== undefined) return overlay;
  if (loaded === undefined) throw new TypeError('neither an overlay nor settings');
  const planned = await preparePlan(ports, loaded.config, builder.info);
  if (planned.plan.id === plan.id) return planned.overlay;
  throw new AttestError('RECORD_OTHER_PLAN', {
    message: `wanted settings whose plan is ${plan.id.slice(0, 8)}, found ${planned.plan.id.slice(0, 8)}`,
    hint: 'give the settings and the secrets of that build',
    details: { wanted: plan.id.slice(0, 8), found: planned.plan.id.slice(0, 8) },
    findings: checkPlans(plan, planned.plan),
  });
}

/** Which parts of two plans differ; no value is shown, for some are told to nobody. */
function checkPlans(wanted: ReadRecord['plan'], found: Plan): readonly Finding[] {
  const places: string[] = [];
  if (wanted.programVersion !== found.program.version) places.push('program');
  if (wanted.profile !== found.profile) places.push('profile');
  if (wanted.revision !== found.imagebuilder?.revision) places.push('imagebuilder');
  if (wanted.packages.join(' ') !== found.packages.join(' ')) places.push('packages');
  const [before, after] = [wanted.overlay, found.overlay].map(
    (entries) => new Map(entries.map((entry) => [entry.path, JSON.stringify(Object.values(entry).sort())])),
  );
  for (const path of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]))
    if (before?.get(path) !== after?.get(path)) places.push(path);
  return (places.length === 0 ? ['settings'] : places).map((place) => ({
    severity: 'error',
    code: 'RECORD_PLAN_OTHER',
    message: `the plan differs in ${place}`,
    details: { place },
  }));
}

/** The lock of the repeated build; the settings are those of the record, which a build does not see. */
function rebuiltLock(recorded: Lock, { builder, source }: OpenImageBuilder, image: BuiltImage): Lock {
  const { version, target, revision, packageManager } = builder.info;
  return computeLock(
    {
      programVersion: readProgramVersion(),
      settings: recorded.config.settings,
      profile: recorded.profile,
      imagebuilder: { version, target, revision, packageManager },
      source,
    },
    image,
  );
}

async function verifyEqual(
  ports: Ports,
  { lock, build, imagePath }: ReadRecord,
  rebuilt: Lock,
  image: BuiltImage,
  compareImages: CompareImages | undefined,
): Promise<void> {
  const differs = image.sha256Unsigned !== build.image.sha256Unsigned;
  let files: readonly ImageDifference[] = [];
  if (differs && imagePath !== undefined && compareImages !== undefined) {
    const bytes = [
      await ports.files.readFile(imagePath),
      await ports.files.readFile(image.imagePath),
    ] as const;
    files = await compareImages(...bytes).catch((error: unknown) => {
      // An image that nobody can read is an image that differs all the same.
      if (!(error instanceof MapeImageError)) throw error;
      ports.reporter.detail(error.message);
      return [];
    });
  }
  const { kernelBytes = null, rootfsBytes = null } = image;
  const found = { ...image, lock: rebuilt, kernelBytes, rootfsBytes };
  const findings = checkReproduction({ ...build.image, lock }, found, files);
  if (findings.length === 0) return;
  throw new AttestError('REPRODUCED_OTHER', {
    message: `wanted the image of the record, found another one: ${findings.length} differences`,
    hint: 'see what differs; where nothing explains it, do not flash the image of the record',
    details: { count: findings.length },
    findings,
  });
}

/** The container that built, by its digest, where a container did; an archive is fetched anew. */
function chooseBuilder({ imagebuilder }: Lock, options: ReproduceOptions): ImageBuilderOptions {
  if (options.imagebuilder !== undefined || imagebuilder.kind === 'archive') return options;
  if (imagebuilder.kind === 'folder') throw needImageBuilder(imagebuilder);
  const repository = imagebuilder.name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const containerImage = options.containerImage ?? `${repository}@sha256:${imagebuilder.sha256}`;
  return { ...options, engine: 'container', containerImage };
}

function warnOfProgram(ports: Ports, wanted: string): void {
  const found = readProgramVersion();
  if (wanted === found) return;
  ports.reporter.warn({
    code: 'RECORD_OTHER_PROGRAM',
    message: `the record was made by mape-image ${wanted}, this is ${found}`,
    hint: 'where something differs, try that version',
    details: { wanted, found },
  });
}

function needImageBuilder({ name, kind }: Lock['imagebuilder']): AttestError {
  return new AttestError('RECORD_NEEDS_IMAGEBUILDER', {
    message: `wanted an ImageBuilder that can be fetched, found the record names a ${kind}: ${name}`,
    hint: 'give the one of the build with --imagebuilder',
    details: { name, kind },
  });
}
