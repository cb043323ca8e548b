import { resolve } from 'node:path';
import { loadBuilder } from '../builder/index.ts';
import type { JsonValue } from '../bytes/canonical-json.ts';
import type { Finding } from '../errors.ts';
import { estimateSize } from '../flow/estimate.ts';
import type { LoadedConfig } from '../flow/load-config.ts';
import { preparePlan } from '../flow/prepare-plan.ts';
import type { Planned } from '../plan/compute-plan.ts';
import type { PlanCommandOptions } from './commands/options.ts';
import type { PlanOptions } from './commands/plan.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { PLAN_LABELS } from './lang/plan-labels.ts';
import { estimateDocument } from './output/estimate.ts';
import { renderFacts, renderPlan } from './output/plan.ts';
import { paint } from './output/style.ts';
import type { ExitCode } from './program.ts';
import { loadCommandConfig, type Session, withSession } from './session.ts';

/** `mape-image plan`. */
export async function runPlan(context: CliContext, options: PlanOptions): Promise<ExitCode> {
  return withSession(context, options, async (session) => {
    const loaded = await loadCommandConfig(session.ports, options);
    const planned = await planWith(session, loaded, options);
    const warnings = [...loaded.warnings, ...planned.warnings];
    if (options.json) {
      context.stdout.write(`${JSON.stringify(planDocument(planned, loaded, warnings), null, 2)}\n`);
      return 0;
    }
    for (const warning of warnings) session.ports.reporter.warn(warning);
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const lines = renderPlan(planned.plan, estimateSize(planned, planned.packageFileBytes), looks);
    if (options.explain) {
      const rows = loaded.explained.map(({ path, value, origin }) => {
        return [path, `${showValue(value)}  (${origin.label})`] as const;
      });
      lines.push('', paint(looks, 'bold', PLAN_LABELS[looks.lang].origins), ...renderFacts(rows, looks));
    }
    context.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  });
}

interface PlannedHere extends Planned {
  /** Sizes of package files at hand, by name. */
  readonly packageFileBytes: ReadonlyMap<string, number>;
}

/** The plan for the ImageBuilder given, or for a release where none is. */
export async function planWith(
  session: Session,
  loaded: LoadedConfig,
  options: PlanCommandOptions,
): Promise<PlannedHere> {
  const { ports } = session;
  if (options.imagebuilder === undefined)
    return { ...(await preparePlan(ports, loaded.config)), packageFileBytes: new Map() };
  const engine = await loadBuilder('local');
  const place = {
    imagebuilder: resolve(ports.cwd, options.imagebuilder),
    cacheDir: session.cacheDir,
    logDir: session.logDir,
  };
  return engine.withBuilder(ports, place, async (builder) => ({
    ...(await preparePlan(ports, loaded.config, builder.info)),
    packageFileBytes: await builder.packageFileBytes(),
  }));
}

/** One line with blanks to break at. */
function showValue(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
}

function planDocument(
  planned: PlannedHere,
  loaded: LoadedConfig,
  warnings: readonly Finding[],
): Record<string, unknown> {
  const estimate = estimateDocument(estimateSize(planned, planned.packageFileBytes));
  return { ...planned.plan, estimate, explain: loaded.explained, warnings };
}
