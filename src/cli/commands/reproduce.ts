import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Defer } from '../program.ts';
import { addEngineOptions, addPlanOptions, type EngineOptions, type PlanCommandOptions } from './options.ts';

export type ReproduceCommandOptions = PlanCommandOptions & EngineOptions;

export function defineReproduce(context: CliContext, defer: Defer): Command {
  const command = new Command('reproduce')
    .summary('build again from a record and compare')
    .description(
      'Build again what a record speaks of, with the ImageBuilder it names, and compare the images bit by\n' +
        'bit: exit code 0 where they are equal, 4 with every difference where not. A record is the folder that\n' +
        'build wrote, or a file in it. It is enough by itself, unless the image holds secrets: those are in no\n' +
        'record, so give the settings with -c. The scripts of the record run on this machine, as in any build:\n' +
        'repeat records of people you trust.',
    )
    .argument('<record>', 'output folder of build, or its build.json, lock.json or provenance.json')
    .addHelpText(
      'after',
      `
Examples:
  mape-image reproduce out/tplink_archer-c6-v2-24.10.8-6d2f0c11
  mape-image reproduce out/tplink_archer-c6-v2-24.10.8-6d2f0c11/build.json \\
      --offline
  mape-image reproduce out/tplink_archer-c6-v2-24.10.8-6d2f0c11 \\
      -c mape-image.yaml --imagebuilder imagebuilder.tar.zst

Images of OpenWrt up to 24.10 end in a signature by a random key; it is left out of both sides.`,
    )
    .action((record: string, options: ReproduceCommandOptions) =>
      defer(async () => (await import('../run-reproduce.ts')).runReproduce(context, record, options)),
    );
  return addEngineOptions(addPlanOptions(command));
}
