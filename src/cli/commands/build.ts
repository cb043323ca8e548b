import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { type Defer, option } from '../program.ts';
import { addEngineOptions, addPlanOptions, type EngineOptions, type PlanCommandOptions } from './options.ts';

export interface BuildOptions extends PlanCommandOptions, EngineOptions {
  readonly outputDir: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly locked?: boolean;
  readonly lock?: string;
}

export function defineBuild(context: CliContext, defer: Defer): Command {
  const command = new Command('build')
    .summary('the image')
    .description(
      'Build the sysupgrade image with the ImageBuilder given, or with the one of OpenWrt for the\n' +
        'profile, which is fetched and verified. The result lands in OUT/<profile>-<release>-<id>/\n' +
        'when it is complete; a plan built before is not built again.',
    )
    .addOption(option('-o, --output-dir <dir>', 'where the result lands', 'OUTPUT_DIR').default('out'))
    .addOption(option('--locked', 'fail where anything differs from the lock', 'LOCKED'))
    .addOption(
      option('--lock <file>', 'lock file (default: mape-image.lock.json beside the configuration)', 'LOCK'),
    )
    .option('-n, --dry-run', 'show the plan and build nothing')
    .option('-f, --force', 'build again where this plan has been built, and past warnings that stop a build')
    .addHelpText(
      'after',
      `
Examples:
  mape-image build --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2
  mape-image build --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2 --imagebuilder imagebuilder.tar.zst
  mape-image build -c home.yaml --imagebuilder ~/imagebuilder --json
  mape-image build -c home.yaml --locked
  mape-image build -c home.yaml --engine container

The last line of standard output is the sha256 and the path of the image.`,
    )
    .action((options: BuildOptions) =>
      defer(async () => (await import('../run-build.ts')).runBuild(context, options)),
    );
  return addPlanOptions(addEngineOptions(command));
}
