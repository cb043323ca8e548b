import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LoadedConfig, loadConfig } from '../flow/load-config.ts';
import { createNodePorts } from '../io/node.ts';
import type { Ports } from '../io/ports.ts';
import type { PlanCommandOptions } from './commands/options.ts';
import type { CliContext } from './context.ts';
import { makeReporter, type ReporterOptions } from './output/reporter.ts';

export interface Session {
  readonly ports: Ports;
  readonly cacheDir: string;
  readonly logDir: string;
}

/** Ports with a reporter of the form asked for; its live line is wiped however the work ends. */
export async function withSession<T>(
  context: CliContext,
  options: ReporterOptions & { readonly cacheDir?: string },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const reporter = makeReporter(context, options);
  const { env, cwd, signal } = context;
  // XDG Base Directory Specification; a machine without HOME still has one in its user database
  const home = env.HOME || homedir();
  const cacheDir = options.cacheDir ?? join(env.XDG_CACHE_HOME || join(home, '.cache'), 'mape-image');
  const logDir = join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'mape-image', 'logs');
  try {
    return await work({
      ports: createNodePorts({ reporter, signal, env, cwd }),
      cacheDir: resolve(cwd, cacheDir),
      logDir: resolve(cwd, logDir),
    });
  } finally {
    reporter.close();
  }
}

/** The settings of a command that makes a plan. */
export function loadCommandConfig(ports: Ports, options: PlanCommandOptions): Promise<LoadedConfig> {
  const { prefix, profile, service, release, rule, line, add, remove, set } = options;
  return loadConfig(ports, {
    flags: { prefix, profile, service, release, rule, line, add, remove, set },
    path: options.config,
  });
}
