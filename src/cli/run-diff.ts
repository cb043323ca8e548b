import { diffPaths } from '../flow/diff.ts';
import type { DiffOptions } from './commands/diff.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { diffDocument, renderDifferences } from './output/diff.ts';
import type { ExitCode } from './program.ts';
import { withSession } from './session.ts';

/** `mape-image diff`. */
export async function runDiff(
  context: CliContext,
  a: string,
  b: string,
  options: DiffOptions,
): Promise<ExitCode> {
  return withSession(context, { ...options, progress: 'none' }, async ({ ports }) => {
    const found = await diffPaths(ports, [a, b], context.stdin);
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const lines = options.json
      ? [JSON.stringify(diffDocument(found), null, 2)]
      : renderDifferences(found, looks);
    context.stdout.write(`${lines.join('\n').trimEnd()}\n`);
    return 0;
  });
}
