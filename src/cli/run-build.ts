import { basename } from 'node:path';
import { buildImage } from '../flow/build.ts';
import type { BuildDocument } from '../flow/build-result.ts';
import { lockPath, readLock } from '../flow/lock.ts';
import type { BuildOptions } from './commands/build.ts';
import { type CliContext, chooseLooks, type Looks } from './context.ts';
import { PLAN_LABELS } from './lang/plan-labels.ts';
import { renderReport, renderReportFile } from './output/report.ts';
import { paint } from './output/style.ts';
import type { ExitCode } from './program.ts';
import { runPlan } from './run-plan.ts';
import { loadCommandConfig, withSession } from './session.ts';

/** A report on disk is read anywhere: no colours, a width that fits, block characters left out. */
const FILE_LOOKS = { color: false, unicode: false, columns: 80 } as const;

/** `mape-image build`. */
export async function runBuild(context: CliContext, options: BuildOptions): Promise<ExitCode> {
  if (options.dryRun) return runPlan(context, options);
  const looks = chooseLooks(context, options, context.stdoutIsTerminal);
  const { plan, document } = await withSession(context, options, async ({ ports, cacheDir, logDir }) => {
    const loaded = await loadCommandConfig(ports, options);
    return buildImage(ports, loaded, {
      imagebuilder: options.imagebuilder,
      mirror: options.mirror,
      offline: options.offline,
      engine: options.engine,
      containerImage: options.containerImage,
      cacheDir,
      logDir,
      outDir: options.outputDir,
      force: options.force === true,
      lock: options.locked ? await readLock(ports, lockPath(options.lock, options.config)) : undefined,
      renderReport: (made, result) => renderReportFile(made, result, { ...FILE_LOOKS, lang: looks.lang }),
    });
  });
  if (options.json) {
    context.stdout.write(`${JSON.stringify(document)}\n`);
    return 0;
  }
  const report = renderReport(plan, document, looks);
  context.stdout.write(`${report.join('\n')}\n\n${document.image.sha256}  ${document.image.path}\n`);
  if (!options.quiet) {
    const errLooks = chooseLooks(context, options, context.stderrIsTerminal);
    context.stderr.write(`${renderVerdict(document, errLooks)}\n`);
  }
  return 0;
}

function renderVerdict(document: BuildDocument, looks: Looks): string {
  const labels = PLAN_LABELS[looks.lang];
  if (document.warnings.some(({ code }) => code === 'IMAGE_SAMPLE_BOARD')) {
    return paint(looks, 'yellow', labels.verdictNotForRouter(document.image.supportedDevices.join(', ')));
  }
  if (document.reused) return paint(looks, 'green', labels.verdictAlready);
  return paint(looks, 'green', `${labels.verdictBuilt} (${basename(document.image.path)})`);
}
