import { createExecPort } from './exec.ts';
import { createFilesPort } from './files.ts';
import { createHttpPort, type HttpLimits } from './http.ts';
import type { Ports, Reporter } from './ports.ts';

export interface NodePortsOptions {
  readonly reporter: Reporter;
  /** Ends every call of the ports. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly httpLimits?: Partial<HttpLimits>;
}

/** The ports of this machine. */
export function createNodePorts({ reporter, signal, env, cwd, httpLimits }: NodePortsOptions): Ports {
  return {
    files: createFilesPort(signal),
    exec: createExecPort(env, signal),
    http: createHttpPort({ env, signal, limits: httpLimits }),
    reporter,
    env,
    cwd,
    signal,
    nowMs: () => Date.now(),
  };
}
