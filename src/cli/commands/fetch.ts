import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions, option } from '../program.ts';

export interface FetchCommandOptions extends LooksOptions {
  readonly profile?: string;
  readonly target?: string;
  readonly release?: string;
  readonly config?: string;
  readonly mirror?: string;
  readonly offline?: boolean;
  readonly cacheDir?: string;
  readonly json?: boolean;
  readonly progress?: 'auto' | 'plain' | 'json' | 'none';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

export function defineFetch(context: CliContext, defer: Defer): Command {
  const command = new Command('fetch')
    .summary('download and verify an ImageBuilder')
    .description(
      'Download the ImageBuilder for a device and verify it: the signature of OpenWrt, then the digest.\n' +
        'Profile and release may also stand in mape-image.yaml. What was fetched is not fetched again.',
    )
    .option('--profile <profile>', 'profile, board name or title of the device; its target is found')
    .addOption(option('--target <target>', 'target, such as ath79/generic, in place of a profile', 'TARGET'))
    .option('--release <release>', '24.10 (its newest), 24.10.8, or SNAPSHOT')
    .option('-c, --config <file>', 'configuration file (default: mape-image.yaml where there is one)');
  addDownloadOptions(command)
    .option('--json', 'print one JSON document')
    .addOption(
      option('--progress <form>', 'how progress is shown', 'PROGRESS')
        .choices(['auto', 'plain', 'json', 'none'])
        .default('auto'),
    )
    .option('-q, --quiet', 'errors and the result only')
    .option('-v, --verbose', 'also technical detail')
    .addHelpText(
      'after',
      `
Examples:
  mape-image fetch --profile tplink_archer-c6-v2
  mape-image fetch --target ath79/generic --release 24.10.8 --json
  mape-image fetch --profile tplink_archer-c6-v2 --offline

The last line of standard output is the sha256 and the path of the archive.`,
    )
    .action((options: FetchCommandOptions) =>
      defer(async () => (await import('../run-fetch.ts')).runFetch(context, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}

/** Options of every command that may download. */
export function addDownloadOptions(command: Command): Command {
  return command
    .addOption(option('--mirror <url>', 'download server (default: https://downloads.openwrt.org)', 'MIRROR'))
    .addOption(option('--offline', 'use what was fetched before, open no connection', 'OFFLINE'))
    .addOption(option('--cache-dir <dir>', 'where ImageBuilders are kept', 'CACHE_DIR'));
}
