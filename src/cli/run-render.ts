import { pipeline } from 'node:stream/promises';
import { renderToPath, renderToTar } from '../flow/render.ts';
import type { RenderOptions } from './commands/render.ts';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';
import type { ExitCode } from './program.ts';
import { planWith } from './run-plan.ts';
import { loadCommandConfig, withSession } from './session.ts';

/** `mape-image render`. */
export async function runRender(context: CliContext, options: RenderOptions): Promise<ExitCode> {
  const toStdout = options.output === '-';
  if (toStdout && options.json) {
    throw new CliError('USAGE_COMBINATION', {
      message: '--json and -o - both want standard output',
      hint: 'write the overlay to a folder or a file',
      details: { first: '--json', second: '-o -' },
    });
  }
  return withSession(context, options, async (session) => {
    const { ports } = session;
    const loaded = await loadCommandConfig(ports, options);
    const { plan, overlay, warnings } = await planWith(session, loaded, options);
    for (const warning of [...loaded.warnings, ...warnings]) ports.reporter.warn(warning);
    if (toStdout) {
      await pipeline(renderToTar(ports, overlay), context.stdout, { end: false });
      return 0;
    }
    const path = await renderToPath(ports, overlay, options.output, options.force === true);
    const document = {
      schema: 'mape-image/render@1',
      ok: true,
      planId: plan.id,
      path,
      entries: plan.overlay,
    };
    context.stdout.write(options.json ? `${JSON.stringify(document, null, 2)}\n` : `${path}\n`);
    return 0;
  });
}
