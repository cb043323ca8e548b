import { join } from 'node:path';
import { type Finding, MapeImageError } from '../../errors.ts';
import { ImageError } from '../../image/errors.ts';
import { openSquashfs } from '../../image/squashfs/squashfs.ts';
import { adviseWeight } from '../../image/weight/advice.ts';
import { IoError } from '../../io/errors.ts';
import type { ExecResult, Ports } from '../../io/ports.ts';
import { holdsSecret } from '../../overlay/file-tree.ts';
import { ReleaseError } from '../../release/errors.ts';
import { BuilderError } from '../errors.ts';
import type { BuilderInfo, BuilderOptions, BuildRequest, BuiltImage } from '../types.ts';
import type { Workshop } from '../workshop.ts';
import { type BuildLog, buildLogName, openBuildLog } from './build-log.ts';
import { renderImageArguments } from './command.ts';
import { deliver } from './deliver.ts';
import { classifyFailure } from './failures.ts';
import { explainProfileName } from './failures-packages.ts';
import type { TreeLocation } from './locate.ts';
import { selectLogLines } from './log-lines.ts';
import { readPackageFiles } from './package-files.ts';
import { PROGRESS_START, type ProgressState, readProgressLine } from './progress.ts';
import {
  listBuiltCopies,
  listRootfs,
  readBuiltSizes,
  readKnownPackages,
  removeOldRootfs,
} from './tree-files.ts';
import { readVerdict } from './verdict.ts';

const BUILD_TIMEOUT_MS = 30 * 60_000;

export interface BuildContext {
  readonly ports: Ports;
  readonly workshop: Workshop;
  /** The tree that make runs in, or the part of it that a container gave out. */
  readonly tree: TreeLocation;
  readonly info: BuilderInfo;
  readonly request: BuildRequest;
  readonly options: BuilderOptions;
}

/**
 * Run `make image` in a locked tree and deliver what it made; nothing is left behind but the log where that fails.
 *
 * @throws BuilderError PROFILE_UNKNOWN, ARGUMENT_UNSAFE, BUILD_TIMEOUT, as classifyFailure and as readVerdict; IoError
 */
export async function buildImage(context: BuildContext): Promise<BuiltImage> {
  const { info, request } = context;
  checkProfile(info, request.profile);
  return withoutSecretCopies(context, () => buildOnStage(context));
}

/** A tree may be shared and its files are open to read: with a secret in the overlay no copy of it stays there. */
async function withoutSecretCopies<T>(
  { ports, tree, info, request }: BuildContext,
  build: () => Promise<T>,
): Promise<T> {
  if (!holdsSecret(request.overlay)) return build();
  const list = () => listBuiltCopies(ports, tree.dir, info.target);
  // After an abort nothing but removing is possible, before the first build of a tree its folders are not there.
  const known = await list();
  try {
    return await build();
  } finally {
    const found = ports.signal.aborted ? known : await list();
    for (const path of found) await ports.files.remove(path);
  }
}

function buildOnStage(context: BuildContext): Promise<BuiltImage> {
  const { ports, workshop, tree, info, request, options } = context;
  return workshop.withStage(request.overlay, info.sourceDateEpochSec ?? 0, async (stage) => {
    const args = renderImageArguments({ ...request, ...stage });
    await removeOldRootfs(ports, tree.dir);
    ports.reporter.step('staged-overlay', { files: countFiles(request) });

    const log = await openLog(ports, options, request);
    const run = await runMake(context, args, log);
    const binDir = await withLogPath(log, () => stage.collect(request.profile));
    const sizes = await readBuiltSizes(ports, tree.dir, request.profile);
    const verdict = await withLogPath(log, () =>
      run.exitCode === 0 ? readVerdict(ports, binDir, request.profile) : Promise.resolve(undefined),
    );
    if (verdict === undefined) {
      const knownPackages = await readKnownPackages(ports, tree.dir);
      const knownProfiles = info.profiles.map(({ id }) => id);
      const { profile, packages } = request;
      const advice = await adviseRoot(ports, tree.dir, packages);
      const known = { knownProfiles, knownPackages };
      throw classifyFailure({ ...run, sizes, advice, profile, packages, ...known }, log.path);
    }
    const delivered = await withLogPath(log, () => deliver(ports, verdict, binDir, request));
    const packageFiles = await readPackageFiles(ports, tree, info.target, verdict.installed);
    const logPath = await keepLog(ports, log, request.outputDir);
    const result = {
      ...delivered,
      ...sizes,
      installed: verdict.installed,
      packageFiles,
      logPath,
      durationMs: run.durationMs,
    };
    ports.reporter.step('made-image', { sizeBytes: result.sizeBytes, durationMs: result.durationMs });
    ports.reporter.step('checked-image', { packages: result.installed.size });
    return result;
  });
}

/** The root file system stays in the tree where the image did not fit; one that cannot be read gives no advice. */
async function adviseRoot(
  ports: Ports,
  tree: string,
  packages: readonly string[],
): Promise<readonly Finding[]> {
  for (const path of await listRootfs(ports, tree)) {
    try {
      return await adviseWeight(await openSquashfs(await ports.files.readFile(path)), packages);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  return [];
}

/** make would take a name it does not know for what it is only after some seconds, and without a suggestion. */
function checkProfile(info: BuilderInfo, profile: string): void {
  const known = info.profiles.map(({ id }) => id);
  if (!known.includes(profile)) throw new BuilderError('PROFILE_UNKNOWN', explainProfileName(profile, known));
}

function countFiles({ overlay }: BuildRequest): number {
  return [...overlay.values()].filter(({ type }) => type !== 'directory').length;
}

function openLog(ports: Ports, options: BuilderOptions, request: BuildRequest): Promise<BuildLog> {
  return options.logDir === undefined
    ? openBuildLog(ports, request.outputDir, 'build.log')
    : openBuildLog(ports, options.logDir, buildLogName(ports.nowMs(), process.pid));
}

async function runMake(context: BuildContext, args: readonly string[], log: BuildLog): Promise<ExecResult> {
  const { ports, workshop, options } = context;
  log.write(`$ cd ${workshop.dir}\n$ make ${args.map(quoteForReading).join(' ')}\n`);
  ports.reporter.progress('making-image');
  const progress = createProgressReporter(ports);
  let printed = '';
  try {
    const run = await workshop.runMake(args, {
      timeoutMs: options.timeoutMs ?? BUILD_TIMEOUT_MS,
      onOutput: (stream, text) => {
        log.write(text);
        if (stream === 'stdout') progress(text);
        printed = (printed + text).slice(-64 * 1024);
      },
    });
    log.write(`$ exit code ${run.exitCode}\n`);
    await log.close();
    return run;
  } catch (cause) {
    // What ended the build says more than a log that could not be finished either.
    await log.close().catch(() => undefined);
    if (!(cause instanceof IoError) || cause.code !== 'TOOL_TIMEOUT') throw cause;
    throw new BuilderError('BUILD_TIMEOUT', {
      message: `wanted make image to end within ${cause.details.seconds} s, found it still running`,
      hint: 'see the log for what it waited for; a slow network is the usual cause',
      details: cause.details,
      lines: selectLogLines(printed, ''),
      logPath: log.path,
      cause,
    });
  }
}

function createProgressReporter(ports: Ports): (text: string) => void {
  let state: ProgressState = PROGRESS_START;
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const step = readProgressLine(state, line);
      state = step.state;
      if (step.progress === undefined) continue;
      const { id, package: name, count } = step.progress;
      ports.reporter.progress(id, name === undefined ? {} : { package: name }, count);
    }
  };
}

/** A failure after make has ended gets the path of the log as well. */
async function withLogPath<T>(log: BuildLog, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (!(cause instanceof MapeImageError)) throw cause;
    const { message, hint, details } = cause;
    const init = { message, ...(hint === undefined ? {} : { hint }), details, logPath: log.path, cause };
    if (cause instanceof BuilderError) throw new BuilderError(cause.code, init);
    if (cause instanceof ReleaseError) throw new ReleaseError(cause.code, init);
    if (cause instanceof ImageError) throw new ImageError(cause.code, init);
    if (cause instanceof IoError) throw new IoError(cause.code, init);
    throw cause;
  }
}

async function keepLog(ports: Ports, log: BuildLog, outputDir: string): Promise<string> {
  const kept = join(outputDir, 'build.log');
  if (log.path === kept) return kept;
  await ports.files.copyFile(log.path, kept);
  await ports.files.remove(log.path);
  return kept;
}

/** For a reader of the log, who may want to paste it; it is never given to a shell. */
function quoteForReading(argument: string): string {
  return /^[A-Za-z0-9_./=+-]+$/.test(argument) ? argument : `'${argument}'`;
}
