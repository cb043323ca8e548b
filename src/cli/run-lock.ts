import { lockPath, makeLock } from '../flow/lock.ts';
import type { LockCommandOptions } from './commands/lock.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { lockDocument, renderLockResult } from './output/lock.ts';
import type { ExitCode } from './program.ts';
import { loadCommandConfig, withSession } from './session.ts';

/** `mape-image lock`. */
export async function runLock(context: CliContext, options: LockCommandOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ ports, cacheDir, logDir }) => {
    const loaded = await loadCommandConfig(ports, options);
    const { imagebuilder, mirror, offline, engine, containerImage } = options;
    const result = await makeLock(ports, loaded, {
      imagebuilder,
      mirror,
      offline,
      engine,
      containerImage,
      cacheDir,
      logDir,
      file: lockPath(options.output, options.config),
      update: options.update === true,
      dryRun: options.dryRun === true,
    });
    if (options.json) {
      context.stdout.write(`${JSON.stringify(lockDocument(result))}\n`);
      return 0;
    }
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const lines = options.quiet ? [] : [...renderLockResult(result, looks), ''];
    context.stdout.write(`${[...lines, result.path].join('\n')}\n`);
    return 0;
  });
}
