import { Command } from 'commander';
import type { CliContext, LooksOptions } from '../context.ts';
import type { Defer } from '../program.ts';
import { looksOptions, option } from '../program.ts';

export interface CalcOptions extends LooksOptions {
  readonly service?: string;
  readonly rule?: string;
  readonly uci?: boolean;
  readonly json?: boolean;
}

export function defineCalc(context: CliContext, defer: Defer): Command {
  const command = new Command('calc')
    .summary('MAP-E parameters of prefixes')
    .description(
      'MAP-E parameters of one or many IPv6 prefixes: border relay, addresses, PSID, port ranges.\n' +
        'A prefix may be a /56, a /64 or any address of the line. "-" reads standard input, one a line.',
    )
    .argument('<prefix...>', 'IPv6 prefix or address; "-" for standard input')
    .addOption(option('--service <id>', 'use the rules of this service only', 'SERVICE'))
    .addOption(
      option(
        '--rule <file>',
        'MAP rules of your own (YAML or JSON), looked at before the built-in ones',
        'RULE',
      ),
    )
    .option('--uci', 'print uci commands of the interface')
    .option('--json', 'print one JSON object a prefix, a line each')
    .addHelpText(
      'after',
      `
Examples:
  mape-image calc 2400:4151:8000:1200::/64
  mape-image calc --uci 240b:12:3456:7800::/56
  mape-image calc - --json < prefixes.txt

Exit code 3 where a prefix has no parameters. With "- --json" every line of
input gives its line of output with "ok" true or false, and the exit code is 0.`,
    )
    .action((prefixes: string[], options: CalcOptions) =>
      defer(async () => (await import('../run-calc.ts')).runCalc(context, prefixes, options)),
    );
  for (const looks of looksOptions()) command.addOption(looks);
  return command;
}
