import { createExecPort } from './exec.ts';
import { createFilesPort } from './files.ts';
import type { Ports, Reporter } from './ports.ts';

export interface NodePortsOptions {
  readonly reporter: Reporter;
  /** Ends every call of the ports. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The ports of this machine. */
export function createNodePorts({ reporter, signal, env, cwd }: NodePortsOptions): Ports {
  return {
    files: createFilesPort(signal),
    exec: createExecPort(env, signal),
    reporter,
    env,
    cwd,
    signal,
    nowMs: () => Date.now(),
  };
}
