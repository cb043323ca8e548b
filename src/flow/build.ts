import { join, relative, resolve } from 'node:path';
import { loadBuilder } from '../builder/index.ts';
import type { OpenBuilder } from '../builder/types.ts';
import type { Finding } from '../errors.ts';
import type { Ports, Reporter } from '../io/ports.ts';
import { extraImageName, type Planned } from '../plan/compute-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { BuildDocument } from './build-result.ts';
import { loadDevice } from './devices.ts';
import { fetchImageBuilder } from './fetch.ts';
import { judgeImage } from './judge.ts';
import type { LoadedConfig } from './load-config.ts';
import { outputDirOf, readFinishedBuild, withNewDir, writeSums } from './output-dir.ts';
import { preparePlan } from './prepare-plan.ts';

export interface BuildOptions {
  /** Folder or tarball, as the user wrote it; absent: the one of OpenWrt for the profile is fetched. */
  readonly imagebuilder: string | undefined;
  readonly mirror?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly cacheDir: string;
  readonly logDir: string;
  readonly outDir: string;
  readonly force: boolean;
  /** The report for a person, from what is known of the image. */
  readonly renderReport: (plan: Plan, document: BuildDocument) => string;
}

export interface Built {
  readonly plan: Plan;
  readonly document: BuildDocument;
}

/**
 * Build the image of a configuration: open the ImageBuilder, plan, build, judge, land the result under its final name.
 *
 * A plan that has been built before, with all files unharmed, is not built again.
 *
 * @throws FlowError, BuilderError, PlanError, MapeError, IoError
 */
export async function buildImage(ports: Ports, loaded: LoadedConfig, options: BuildOptions): Promise<Built> {
  // Whatever is wrong with the settings shows before an ImageBuilder is fetched or unpacked.
  await preparePlan({ ...ports, reporter: SILENT }, loaded.config);
  const engine = await loadBuilder('local');
  const place = {
    imagebuilder: await obtainImageBuilder(ports, loaded.config, options),
    cacheDir: options.cacheDir,
    logDir: options.logDir,
  };
  return engine.withBuilder(ports, place, async (builder) => {
    const planned = await preparePlan(ports, loaded.config, builder.info);
    const finalDir = outputDirOf(resolve(ports.cwd, options.outDir), planned.plan);
    const finished = options.force ? undefined : await readFinishedBuild(ports, finalDir, planned.plan);
    if (finished !== undefined) {
      ports.reporter.step('already-built', { path: shownPath(ports, finalDir) });
      return { plan: planned.plan, document: { ...withPaths(finished, finalDir), reused: true } };
    }
    const warnings = [...loaded.warnings, ...planned.warnings];
    for (const warning of warnings) ports.reporter.warn(warning);
    const document = await withNewDir(ports, finalDir, (dir) =>
      fillOutput(ports, builder, planned, warnings, dir, options),
    );
    ports.reporter.step('wrote-output', { path: shownPath(ports, finalDir) });
    return { plan: planned.plan, document: withPaths(document, finalDir) };
  });
}

async function fillOutput(
  ports: Ports,
  builder: OpenBuilder,
  { plan, overlay }: Planned,
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
  const profile = builder.info.profiles.find(({ id }) => id === plan.profile);
  const { fit, warnings } = judgeImage(plan, loadDevice(plan.profile), profile, image, options.force);
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
  await ports.files.writeFile(join(dir, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  await ports.files.writeFile(join(dir, 'build.json'), `${JSON.stringify(document, null, 2)}\n`);
  await ports.files.writeFile(join(dir, 'report.txt'), options.renderReport(plan, document));
  await writeSums(ports, dir);
  return document;
}

/** Beside the image paths are relative, so that the folder can be moved; to the caller they are absolute. */
function withPaths(document: BuildDocument, dir: string): BuildDocument {
  return { ...document, image: { ...document.image, path: join(dir, document.image.path) }, outputDir: dir };
}

function shownPath(ports: Ports, path: string): string {
  const shown = relative(ports.cwd, path);
  return shown.startsWith('..') ? path : shown;
}

async function obtainImageBuilder(
  ports: Ports,
  { profile, release }: LoadedConfig['config'],
  { imagebuilder, mirror, offline, cacheDir }: BuildOptions,
): Promise<string> {
  if (imagebuilder !== undefined) return resolve(ports.cwd, imagebuilder);
  const wanted = { profile, release, mirror, offline, cacheDir };
  return (await fetchImageBuilder(ports, wanted)).path;
}

const nothing = (): void => undefined;
const SILENT: Reporter = { step: nothing, progress: nothing, warn: nothing, detail: nothing };
