import { resolve } from 'node:path';
import { loadBuilder } from '../builder/index.ts';
import { escapeControls } from '../bytes/escape-controls.ts';
import { loadDevices } from '../flow/devices.ts';
import type { ProfilesOptions } from './commands/profiles.ts';
import { type CliContext, chooseLooks } from './context.ts';
import { renderDevice } from './output/device.ts';
import { padEnd, paint } from './output/style.ts';
import type { ExitCode } from './program.ts';
import { type Session, withSession } from './session.ts';

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly supportedDevices: readonly string[];
}

/** `mape-image profiles`. */
export async function runProfiles(
  context: CliContext,
  text: string | undefined,
  options: ProfilesOptions,
): Promise<ExitCode> {
  return withSession(context, { ...options, progress: 'none' }, async (session) => {
    const wanted = (text ?? '').toLowerCase();
    const all =
      options.imagebuilder === undefined
        ? loadDevices()
        : await listBuilderProfiles(session, options.imagebuilder);
    const found = all.filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(wanted));
    if (options.json) {
      context.stdout.write(
        `${JSON.stringify({ schema: 'mape-image/profiles@1', profiles: found }, null, 2)}\n`,
      );
      return 0;
    }
    const looks = chooseLooks(context, options, context.stdoutIsTerminal);
    const [only] = options.imagebuilder === undefined ? loadDevices().filter(({ id }) => id === text) : [];
    if (only !== undefined) {
      context.stdout.write(`${renderDevice(only, looks).join('\n')}\n`);
      return 0;
    }
    const width = Math.max(0, ...found.map(({ id }) => id.length));
    for (const { id, title } of found) {
      context.stdout.write(`${paint(looks, 'bold', padEnd(id, width))}  ${escapeControls(title)}\n`);
    }
    return 0;
  });
}

async function listBuilderProfiles(
  { ports, cacheDir, logDir }: Session,
  path: string,
): Promise<readonly Listed[]> {
  const engine = await loadBuilder('local');
  return engine.withBuilder(
    ports,
    { imagebuilder: resolve(ports.cwd, path), cacheDir, logDir },
    async ({ info }) => info.profiles,
  );
}
