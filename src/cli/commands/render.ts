import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Defer } from '../program.ts';
import { addPlanOptions, type PlanCommandOptions } from './options.ts';

export interface RenderOptions extends PlanCommandOptions {
  readonly output: string;
  readonly force?: boolean;
}

export function defineRender(context: CliContext, defer: Defer): Command {
  const command = new Command('render')
    .summary('the overlay alone')
    .description('Write the overlay, the file tree that lands on the router, without an ImageBuilder.')
    .requiredOption(
      '-o, --output <dir|file.tar|->',
      'a new folder, a tar file, or "-" for a tar on standard output',
    )
    .option('-f, --force', 'replace what is there')
    .addHelpText(
      'after',
      `
Examples:
  mape-image render --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2 -o files
  mape-image render -c home.yaml -o - | tar tv`,
    )
    .action((options: RenderOptions) =>
      defer(async () => (await import('../run-render.ts')).runRender(context, options)),
    );
  return addPlanOptions(command);
}
