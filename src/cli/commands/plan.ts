import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Defer } from '../program.ts';
import { addPlanOptions, type PlanCommandOptions } from './options.ts';

export interface PlanOptions extends PlanCommandOptions {
  readonly explain?: boolean;
}

export function definePlan(context: CliContext, defer: Defer): Command {
  const command = new Command('plan')
    .summary('what build would do')
    .description(
      'Show what build would do and do nothing: MAP-E parameters, packages, overlay files, what leaves the machine.\n' +
        'With --imagebuilder the plan is the one build executes there; without, one for the release.',
    )
    .option('--explain', 'say where each setting came from')
    .addHelpText(
      'after',
      `
Examples:
  mape-image plan --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2
  mape-image plan -c home.yaml --explain
  mape-image plan -c home.yaml --json | jq .packages`,
    )
    .action((options: PlanOptions) =>
      defer(async () => (await import('../run-plan.ts')).runPlan(context, options)),
    );
  return addPlanOptions(command);
}
