import type { Command } from 'commander';
import type { LooksOptions } from '../context.ts';
import { looksOptions, option } from '../program.ts';
import { addDownloadOptions } from './fetch.ts';

/** Options of every command that makes a plan. */
export interface PlanCommandOptions extends LooksOptions {
  readonly prefix?: string;
  readonly profile?: string;
  readonly service?: string;
  readonly release?: string;
  readonly rule?: string;
  readonly line?: string;
  readonly config?: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly set?: readonly string[];
  readonly json?: boolean;
  readonly imagebuilder?: string;
  readonly mirror?: string;
  readonly offline?: boolean;
  readonly cacheDir?: string;
  readonly progress?: 'auto' | 'plain' | 'json' | 'none';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Options of every command that runs an ImageBuilder. */
export interface EngineOptions {
  readonly engine?: 'auto' | 'local' | 'container';
  readonly containerImage?: string;
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/**
 * Add what `plan`, `render` and `build` have in common. The settings among them have their environment names from the
 * configuration's layers, so that `plan --explain` can say where a value came from.
 */
export function addPlanOptions(command: Command): Command {
  command
    .option('--prefix <prefix>', 'IPv6 prefix of the line, as /56, /64 or any address of it')
    .option('--profile <profile>', 'ImageBuilder profile, board name or title of the device')
    .option('--service <id>', 'use the rules of this service only: v6plus, ocn, biglobe, nuro')
    .option('--release <release>', 'OpenWrt release, such as 24.10')
    .option('--rule <file>', 'MAP rules of your own')
    .option('--line <type>', 'how the line hands out IPv6: auto, ra (a /64), pd (a /56 or /60)')
    .option('-c, --config <file>', 'configuration file (default: mape-image.yaml where there is one)')
    .option('--add <package>', 'add a package (repeatable)', collect)
    .option('--remove <package>', 'remove a package (repeatable)', collect)
    .option('--set <path=value>', 'one setting of the configuration (repeatable)', collect)
    .addOption(
      option(
        '--imagebuilder <path>',
        'ImageBuilder at hand: its folder or its .tar.zst or .tar.xz',
        'IMAGEBUILDER',
      ),
    );
  addDownloadOptions(command)
    .option('--json', 'print one JSON document')
    .addOption(
      option('--progress <form>', 'how progress is shown', 'PROGRESS')
        .choices(['auto', 'plain', 'json', 'none'])
        .default('auto'),
    )
    .option('-q, --quiet', 'errors and the result only')
    .option('-v, --verbose', 'also technical detail');
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}

/** Add where the ImageBuilder runs. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      option('--engine <engine>', 'where the ImageBuilder runs: here, or in podman or docker', 'ENGINE')
        .choices(['auto', 'local', 'container'])
        .default('auto'),
    )
    .addOption(
      option(
        '--container-image <ref>',
        "image of the container, as NAME:TAG or NAME@sha256:… (default: OpenWrt's)",
        'CONTAINER_IMAGE',
      ),
    );
}
