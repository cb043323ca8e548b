import { type FetchOptions, fetchImageBuilder } from '../flow/fetch.ts';
import { mergeConfig } from '../flow/load-config.ts';
import type { Ports } from '../io/ports.ts';
import type { FetchCommandOptions } from './commands/fetch.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { fetchDocument, renderFetched } from './output/fetch.ts';
import type { ExitCode } from './program.ts';
import { withSession } from './session.ts';

/** `mape-image fetch`. */
export async function runFetch(context: CliContext, options: FetchCommandOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ ports, cacheDir }) => {
    const device = await readDevice(ports, options);
    const { mirror, offline } = options;
    const found = await fetchImageBuilder(ports, {
      ...device,
      mirror,
      offline,
      cacheDir,
    });
    if (options.json) {
      context.stdout.write(`${JSON.stringify(fetchDocument(found))}\n`);
      return 0;
    }
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const lines = options.quiet ? [] : [...renderFetched(found, looks), ''];
    context.stdout.write(`${[...lines, `${found.sha256}  ${found.path}`].join('\n')}\n`);
    return 0;
  });
}

/** A target on the command line stands in place of the profile in a file. */
async function readDevice(
  ports: Ports,
  { profile, target, release, config: path }: FetchCommandOptions,
): Promise<Pick<FetchOptions, 'profile' | 'target' | 'release'>> {
  const { config } = await mergeConfig(ports, { flags: { profile, release }, path });
  const wanted = target === undefined ? config.profile : profile;
  return { profile: wanted, target, release: config.release };
}
