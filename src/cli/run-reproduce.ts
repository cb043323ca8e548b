import { reproduceBuild } from '../flow/reproduce.ts';
import { compareImageFiles } from '../flow/reproduce-images.ts';
import type { ReproduceCommandOptions } from './commands/reproduce.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { renderEqual, renderReproduced, reproducedDocument } from './output/reproduce.ts';
import { paint } from './output/style.ts';
import type { ExitCode } from './program.ts';
import { loadCommandConfig, withSession } from './session.ts';

/** `mape-image reproduce`. */
export async function runReproduce(
  context: CliContext,
  record: string,
  options: ReproduceCommandOptions,
): Promise<ExitCode> {
  const made = await withSession(context, options, ({ ports, cacheDir, logDir }) => {
    const { imagebuilder, mirror, offline, engine, containerImage } = options;
    const choice = { imagebuilder, mirror, offline, engine, containerImage };
    const loadConfig = givesSettings(options) ? () => loadCommandConfig(ports, options) : undefined;
    return reproduceBuild(ports, {
      record,
      ...choice,
      cacheDir,
      logDir,
      loadConfig,
      compareImages: compareImageFiles,
    });
  });
  if (options.json) {
    context.stdout.write(`${JSON.stringify(reproducedDocument(made))}\n`);
    return 0;
  }
  const looks = chooseLooks(context, options, context.stdoutIsTerminal);
  const lines = options.quiet ? [] : [...renderReproduced(made, looks), ''];
  context.stdout.write(`${[...lines, `${made.sha256}  ${made.imageName}`].join('\n')}\n`);
  if (!options.quiet) {
    const errLooks = chooseLooks(context, options, context.stderrIsTerminal);
    context.stderr.write(`${paint(errLooks, 'green', renderEqual(errLooks))}\n`);
  }
  return 0;
}

/** Settings are used where some are given on the command line: the record has its own. */
function givesSettings(options: ReproduceCommandOptions): boolean {
  const { config, prefix, profile, service, release, rule, line, add, remove, set } = options;
  return [config, prefix, profile, service, release, rule, line, add, remove, set].some(
    (value) => value !== undefined,
  );
}
