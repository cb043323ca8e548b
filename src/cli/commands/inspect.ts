import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import { type Defer, looksOptions } from '../program.ts';

export interface InspectOptions extends LooksOptions {
  readonly json?: boolean;
  readonly files?: boolean;
  readonly packages?: boolean;
  readonly cat?: string;
  readonly extract?: string;
  readonly svg?: string;
}

export function defineInspect(context: CliContext, defer: Defer): Command {
  const command = new Command('inspect')
    .summary('what is inside any OpenWrt sysupgrade image')
    .description(
      'Read an OpenWrt image back: its container with every part of it, kernel, root file system, board,\n' +
        'packages, users, and the MAP-E settings baked into it. Nothing is mounted or run, and no value of\n' +
        'a secret is shown. With two images: what is different.',
    )
    .argument('<image>', 'an image, the folder that build wrote, or - for standard input')
    .argument('[other]', 'another one to compare it with, as diff does')
    .option('--files', 'list every file of the root file system')
    .option('--packages', 'list every package')
    .option('--cat <path>', 'print one file of the root file system')
    .option('--extract <dest>', 'write the root file system to a new folder, or to a file named .tar')
    .option('--svg <file>', 'write the picture of the flash as SVG')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  mape-image inspect out/tplink_archer-c6-v2-24.10.4-0a185bb9
  mape-image inspect sysupgrade.bin --files
  mape-image inspect sysupgrade.bin --cat /etc/openwrt_release
  mape-image inspect sysupgrade.bin --extract rootfs.tar
  mape-image inspect old.bin new.bin
  curl -s https://example.org/image.img.gz | mape-image inspect - --json`,
    )
    .action((image: string, other: string | undefined, options: InspectOptions) =>
      defer(async () => (await import('../run-inspect.ts')).runInspect(context, image, other, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
