import { loadServiceTable } from '../flow/services.ts';
import { MapeError } from '../mape/errors.ts';
import { type Calculator, makeCalculator } from '../mape/lookup.ts';
import type { Rule } from '../mape/rule.ts';
import type { CalcOptions } from './commands/calc.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { CliError } from './errors.ts';
import { calcDocument } from './output/calc-json.ts';
import type { ExitCode } from './program.ts';
import { readLines } from './read-lines.ts';

const NO_PARAMETERS: ExitCode = 3;

/** `mape-image calc`. */
export async function runCalc(
  context: CliContext,
  prefixes: readonly string[],
  options: CalcOptions,
): Promise<ExitCode> {
  if (options.uci === true && options.json === true) {
    throw new CliError('USAGE_COMBINATION', {
      message: '--uci and --json are two forms of output',
      hint: 'give one of them',
      details: { first: '--uci', second: '--json' },
    });
  }
  const rules = options.rule === undefined ? undefined : await readRules(context, options.rule);
  const calculate = makeCalculator(loadServiceTable(), { service: options.service, rules });
  if (options.json !== true) return printText(context, prefixes, calculate, options);
  const streamed = prefixes.length === 1 && prefixes[0] === '-';
  let failed = false;
  let batch = '';
  for await (const input of listInputs(context, prefixes)) {
    const document = calcDocument(calculate, input);
    failed ||= !document.ok;
    batch += `${JSON.stringify(document)}\n`;
    // One write for many lines is quicker; a line from a slow producer must not wait for more.
    if (batch.length >= 32_768 || (streamed && context.stdin.readableLength === 0)) {
      await write(context, batch);
      batch = '';
    }
  }
  await write(context, batch);
  return failed && !streamed ? NO_PARAMETERS : 0;
}

async function printText(
  context: CliContext,
  prefixes: readonly string[],
  calculate: Calculator,
  options: CalcOptions,
): Promise<ExitCode> {
  const { renderCalc, renderUci } = await import('./output/calc.ts');
  const { renderError } = await import('./output/error.ts');
  let exitCode: ExitCode = 0;
  let printed = 0;
  for await (const input of listInputs(context, prefixes)) {
    try {
      const parameters = calculate(input);
      const lines = options.uci
        ? renderUci(parameters)
        : renderCalc(parameters, chooseLooks(context, options, context.stdoutIsTerminal));
      await write(context, `${printed > 0 ? '\n' : ''}${lines.join('\n')}\n`);
      printed += 1;
      if (options.uci) {
        const looks = chooseLooks(context, options, context.stderrIsTerminal);
        const { renderWarnings } = await import('./output/calc.ts');
        for (const line of renderWarnings(parameters.warnings, looks)) context.stderr.write(`${line}\n`);
      }
    } catch (error) {
      if (!(error instanceof MapeError)) throw error;
      const looks = chooseLooks(context, options, context.stderrIsTerminal);
      context.stderr.write(`${renderError(error, looks).join('\n')}\n`);
      exitCode = NO_PARAMETERS;
    }
  }
  return exitCode;
}

async function* listInputs(context: CliContext, prefixes: readonly string[]): AsyncGenerator<string> {
  for (const prefix of prefixes) {
    if (prefix === '-') yield* readLines(context.stdin, context.signal);
    else yield prefix;
  }
}

/** Write, and wait where the reader is slower than we are, so that memory stays flat. */
async function write(context: CliContext, text: string): Promise<void> {
  if (text !== '' && !context.stdout.write(text)) {
    await new Promise((resolve) => context.stdout.once('drain', resolve));
  }
}

async function readRules(context: CliContext, path: string): Promise<readonly Rule[]> {
  const { readUserRules } = await import('../flow/rules.ts');
  return readUserRules(path, context.cwd);
}
