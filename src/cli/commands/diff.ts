import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions } from '../program.ts';

export interface DiffOptions extends LooksOptions {
  readonly json?: boolean;
}

export function defineDiff(context: CliContext, defer: Defer): Command {
  const command = new Command('diff')
    .summary('two images, two plans or two locks')
    .description(
      'What is different between two images (packages, files with their text, settings, sizes), two plans\n' +
        '(plan.json) or two locks (lock.json). The exit code is 0 whether they differ or not.',
    )
    .argument('<a>', 'an image, a plan.json, a lock.json, or the folder that build wrote')
    .argument('<b>', 'another of the same kind')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  mape-image diff old/sysupgrade.bin new/sysupgrade.bin
  mape-image diff old/plan.json new/plan.json
  mape-image diff old/lock.json new/lock.json --json`,
    )
    .action((a: string, b: string, options: DiffOptions) =>
      defer(async () => (await import('../run-diff.ts')).runDiff(context, a, b, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
