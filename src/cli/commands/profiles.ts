import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions, option } from '../program.ts';

export interface ProfilesOptions extends LooksOptions {
  readonly json?: boolean;
  readonly imagebuilder?: string;
  readonly cacheDir?: string;
}

export function defineProfiles(context: CliContext, defer: Defer): Command {
  const command = new Command('profiles')
    .summary('devices known, with their flash facts')
    .description('The devices whose flash is known, or with --imagebuilder the profiles it can build for.')
    .argument('[text]', 'only those whose name or title holds this text; a whole name for all its facts')
    .addOption(option('--imagebuilder <path>', 'list the profiles of this ImageBuilder', 'IMAGEBUILDER'))
    .addOption(option('--cache-dir <dir>', 'where ImageBuilders are unpacked', 'CACHE_DIR'))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  mape-image profiles\n  mape-image profiles tplink_archer-c6-v2\n  mape-image profiles archer --imagebuilder ~/imagebuilder',
    )
    .action((text: string | undefined, options: ProfilesOptions) =>
      defer(async () => (await import('../run-profiles.ts')).runProfiles(context, text, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
