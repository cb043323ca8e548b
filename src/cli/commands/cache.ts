import { Command, Option } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions, option } from '../program.ts';

export interface CacheOptions extends LooksOptions {
  readonly cacheDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface CacheVerifyOptions extends CacheOptions {
  readonly fix?: boolean;
}

export interface CachePruneOptions extends CacheOptions {
  readonly olderThan?: string;
  readonly keep?: string;
  readonly dryRun?: boolean;
}

export function defineCache(context: CliContext, defer: Defer): Command {
  return new Command('cache')
    .summary('what was fetched, unpacked and logged')
    .description(
      'List, verify or remove what is kept: ImageBuilders, unpacked trees, packages, logs of builds.',
    )
    .addCommand(defineList(context, defer))
    .addCommand(defineVerify(context, defer))
    .addCommand(definePrune(context, defer))
    .addHelpText(
      'after',
      `
Examples:
  mape-image cache list
  mape-image cache verify --fix
  mape-image cache prune --older-than 90d --dry-run`,
    );
}

function defineList(context: CliContext, defer: Defer): Command {
  const command = new Command('list')
    .summary('what is kept, how large it is, when it was last used')
    .description('What is kept, how large it is, when it was last used.')
    .addHelpText('after', '\nExamples:\n  mape-image cache list\n  mape-image cache list --json')
    .action((options: CacheOptions) =>
      defer(async () => (await import('../run-cache.ts')).runCacheList(context, options)),
    );
  return addCacheOptions(command);
}

function defineVerify(context: CliContext, defer: Defer): Command {
  const command = new Command('verify')
    .summary('hash everything again')
    .description(
      'Hash every file again and hold every ImageBuilder against its signature. Exit code 4 where one is damaged.',
    )
    .option('--fix', 'remove what is damaged; it is fetched again when it is wanted')
    .addHelpText('after', '\nExamples:\n  mape-image cache verify\n  mape-image cache verify --fix')
    .action((options: CacheVerifyOptions) =>
      defer(async () => (await import('../run-cache.ts')).runCacheVerify(context, options)),
    );
  return addCacheOptions(command);
}

function definePrune(context: CliContext, defer: Defer): Command {
  const command = new Command('prune')
    .summary('remove what is old or left over')
    .description(
      'Remove what is old, or more than is to be kept; with both, what is old and more than that.\n' +
        'With neither only leftovers go: beginnings of downloads and files no ImageBuilder needs,\n' +
        'after a day. What a running build or download holds stays.',
    )
    .addOption(new Option('--older-than <age>', 'last used longer ago than this: 90d, 12h, 2w'))
    .addOption(new Option('--keep <n>', 'keep so many of each kind, the last used'))
    .option('-n, --dry-run', 'show what would go and remove nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  mape-image cache prune --keep 2\n  mape-image cache prune --older-than 90d --dry-run',
    )
    .action((options: CachePruneOptions) =>
      defer(async () => (await import('../run-cache.ts')).runCachePrune(context, options)),
    );
  return addCacheOptions(command);
}

function addCacheOptions(command: Command): Command {
  command
    .addOption(option('--cache-dir <dir>', 'where ImageBuilders are kept', 'CACHE_DIR'))
    .option('--json', 'print one JSON document')
    .option('-q, --quiet', 'errors and the result only');
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
