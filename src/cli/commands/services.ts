import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions } from '../program.ts';

export interface ServicesOptions extends LooksOptions {
  readonly json?: boolean;
}

export function defineServices(context: CliContext, defer: Defer): Command {
  const command = new Command('services')
    .summary('MAP-E services known, with their sources')
    .description(
      'The services whose rules are known, those that are not MAP-E, and the sources of every rule.',
    )
    .argument('[id]', 'one service, with each of its rules')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  mape-image services\n  mape-image services ocn\n  mape-image services --json',
    )
    .action((id: string | undefined, options: ServicesOptions) =>
      defer(async () => (await import('../run-services.ts')).runServices(context, id, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
