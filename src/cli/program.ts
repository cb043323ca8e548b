import { Command, CommanderError, Option } from 'commander';
import { readProgramVersion } from '../io/package-files.ts';
import { defineBuild } from './commands/build.ts';
import { defineCache } from './commands/cache.ts';
import { defineCalc } from './commands/calc.ts';
import { defineDiff } from './commands/diff.ts';
import { defineFetch } from './commands/fetch.ts';
import { defineInspect } from './commands/inspect.ts';
import { defineLock } from './commands/lock.ts';
import { definePlan } from './commands/plan.ts';
import { defineProfiles } from './commands/profiles.ts';
import { defineRender } from './commands/render.ts';
import { defineReproduce } from './commands/reproduce.ts';
import { defineServices } from './commands/services.ts';
import { defineVerify } from './commands/verify.ts';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';

/** What a command gives back: the exit code of the process. */
export type ExitCode = number;

/** Put a command's work behind its definition, so that only the chosen command's modules are loaded. */
export type Defer = (work: () => Promise<ExitCode>) => Promise<void>;

/**
 * Read the arguments and run the command they name.
 *
 * @throws CliError USAGE, and whatever the command throws
 */
export async function runProgram(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode = 0;
  const defer: Defer = async (work) => {
    exitCode = await work();
  };
  const program = makeProgram(context, defer);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // A bare call: commander has printed the help.
    if (error.code === 'commander.help') return 2;
    const text = error.message.replace(/^error: /, '').replace(/\n\(Did (.*)\)$/s, '; did $1');
    throw new CliError('USAGE', {
      message: text,
      hint: 'see mape-image help',
      details: { reason: error.code, text },
    });
  }
  return exitCode;
}

/** All commands with their options, for running and for the tests of the help texts. */
export function makeProgram(context: CliContext, defer: Defer): Command {
  const program = new Command('mape-image')
    .description('Bake an OpenWrt sysupgrade image that boots already configured for Japanese MAP-E.')
    .version(readProgramVersion(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', MAIN_EXAMPLES);
  configure(program, context);
  const verbs = [
    defineBuild,
    definePlan,
    defineRender,
    defineInspect,
    defineVerify,
    defineDiff,
    defineCalc,
    defineServices,
    defineProfiles,
    defineFetch,
    defineLock,
    defineReproduce,
    defineCache,
  ];
  for (const define of verbs) {
    const command = define(context, defer);
    configure(command, context);
    program.addCommand(command);
  }
  return program;
}

const MAIN_EXAMPLES = `
Examples:
  mape-image calc 2400:4151:8000:1200::/64
  mape-image build --prefix 2400:4151:8000:1200::/64 \\
      --profile tplink_archer-c6-v2
  mape-image verify out/tplink_archer-c6-v2-24.10.4-0a185bb9

Exit codes: 0 done, 1 bug of ours, 2 wrong call, 3 input, 4 verification (do
not flash), 5 a tool failed, 6 something is not available, 7 the router refused,
130/143 interrupted`;

function configure(command: Command, context: CliContext): void {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .helpOption('-h, --help', 'print this help')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      // A wrong call is reported once, by the one place that reports errors.
      writeErr: (text) => text.startsWith('error:') || context.stderr.write(text),
      getOutHelpWidth: () => Math.min(context.columns, 100),
      getErrHelpWidth: () => Math.min(context.columns, 100),
    });
  for (const inner of command.commands) configure(inner, context);
}

/** An option that also has an environment name. */
export function option(flags: string, description: string, env?: string): Option {
  const made = new Option(flags, description);
  return env === undefined ? made : made.env(`MAPE_IMAGE_${env}`);
}

/** Options every command has. */
export function looksOptions(): Option[] {
  return [
    option('--color <when>', 'colours', 'COLOR').choices(['auto', 'always', 'never']).default('auto'),
    option('--lang <lang>', 'language of sentences (default: from the locale)', 'LANG').choices(['ja', 'en']),
  ];
}
