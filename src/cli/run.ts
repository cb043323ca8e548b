import { EXIT_CODE, MapeImageError } from '../errors.ts';
import { type CliContext, makeContext } from './context.ts';
import { CliError } from './errors.ts';

/** POSIX: an ended process gives 128 + number of the signal. */
const SIGNAL_EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Run the program: arguments in, exit code out. Nothing escapes: what is not a `MapeImageError` is reported as a bug.
 *
 * @see EXIT_CODE
 */
export async function runCli(args: readonly string[], process: NodeJS.Process): Promise<number> {
  const interrupt = new AbortController();
  let received: keyof typeof SIGNAL_EXIT_CODE | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      received = name;
      interrupt.abort(
        new CliError('INTERRUPTED', { message: `interrupted by ${name}`, details: { signal: name } }),
      );
    });
  }
  // The reader of a pipe may leave early (`| head -1`): that is its right, not our error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : EXIT_CODE.unavailable);
  });
  const context = makeContext(process, interrupt.signal);
  try {
    const { runProgram } = await import('./program.ts');
    return await runProgram(args, context);
  } catch (caught) {
    if (received !== undefined) return SIGNAL_EXIT_CODE[received];
    return await reportError(caught, args, context);
  }
}

async function reportError(caught: unknown, args: readonly string[], context: CliContext): Promise<number> {
  const error = caught instanceof MapeImageError ? caught : describeBug(caught);
  const { printError } = await import('./output/error.ts');
  printError(error, args, context);
  return EXIT_CODE[error.kind];
}

function describeBug(caught: unknown): CliError {
  const text = caught instanceof Error ? caught.message : String(caught);
  return new CliError('INTERNAL', {
    message: `a bug of mape-image: ${text}`,
    hint: 'please report it with this text and the command that led to it, but without your prefix',
    details: { text },
    lines: (caught instanceof Error ? (caught.stack ?? '') : '').split('\n').slice(1, 6),
    cause: caught,
  });
}
