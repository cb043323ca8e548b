import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Defer } from '../program.ts';
import { addEngineOptions, addPlanOptions, type EngineOptions, type PlanCommandOptions } from './options.ts';

export interface LockCommandOptions extends PlanCommandOptions, EngineOptions {
  readonly output?: string;
  readonly update?: boolean;
  readonly dryRun?: boolean;
}

export function defineLock(context: CliContext, defer: Defer): Command {
  const command = new Command('lock')
    .summary('pin what a build takes from elsewhere')
    .description(
      'Write down what a build takes: release, ImageBuilder, feeds, every package with its digest, and the\n' +
        'version of this program. build --locked then fails where anything differs. Which packages an image\n' +
        'holds shows only in a build, so one is made and thrown away. The lock does not tell whose it is:\n' +
        'no prefix, no name, no secret, and nothing made of them.',
    )
    .option('-o, --output <file>', 'lock file (default: mape-image.lock.json beside the configuration)')
    .option('--update', 'show how a lock that is there differs, and replace it')
    .option('-n, --dry-run', 'show the differences and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  mape-image lock -c mape-image.yaml
  mape-image lock --update --dry-run
  mape-image lock --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2 --release 24.10 -o c6.lock.json`,
    )
    .action((options: LockCommandOptions) =>
      defer(async () => (await import('../run-lock.ts')).runLock(context, options)),
    );
  return addEngineOptions(addPlanOptions(command));
}
