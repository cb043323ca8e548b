import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions } from '../program.ts';

export interface VerifyCommandOptions extends LooksOptions {
  readonly plan?: string;
  readonly json?: boolean;
}

export function defineVerify(context: CliContext, defer: Defer): Command {
  const command = new Command('verify')
    .summary('does this image hold exactly what its plan says?')
    .description(
      'Read an image back and hold it against its plan: every file of the overlay with bytes, mode and owner,\n' +
        'nothing else of ours, the packages, kernel modules and services MAP-E needs, the board, scripts and\n' +
        'rules, the digest of the record, and whether the router will remember its settings.',
    )
    .argument('<image>', 'the image, or the folder that build wrote')
    .option('--plan <file>', 'the plan (default: plan.json beside the image)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  mape-image verify out/tplink_archer-c6-v2-24.10.4-0a185bb9
  mape-image verify sysupgrade.bin --plan plan.json

Exit code 4: do not flash it.`,
    )
    .action((image: string, options: VerifyCommandOptions) =>
      defer(async () => (await import('../run-verify.ts')).runVerify(context, image, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
