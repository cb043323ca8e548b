import { execEnv } from '../../io/exec-env.ts';
import type { ExecRequest, ExecResult, Ports, RunningProgram } from '../../io/ports.ts';
import { BuilderError } from '../errors.ts';

/** The program that runs containers, seen through the part of the command line that podman and docker share. */
export interface ContainerTool {
  readonly program: 'podman' | 'docker';
  run(
    args: readonly string[],
    options?: Pick<ExecRequest, 'timeoutMs' | 'onOutput' | 'input'>,
  ): Promise<ExecResult>;
  /** The caller ends it. */
  start(args: readonly string[]): Promise<RunningProgram>;
}

/** What the two read to find their machine, their settings and their images; nothing of it reaches the container. */
const PASSED = [
  'CONTAINERS_CONF',
  'CONTAINERS_REGISTRIES_CONF',
  'CONTAINERS_STORAGE_CONF',
  'CONTAINER_CONNECTION',
  'CONTAINER_HOST',
  'CONTAINER_SSHKEY',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_CERT_PATH',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'DOCKER_HOST',
  'DOCKER_TLS_VERIFY',
  'REGISTRY_AUTH_FILE',
  'SSH_AUTH_SOCK',
  'USER',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
] as const;

const VARIABLE = 'MAPE_IMAGE_CONTAINER_TOOL';

/**
 * podman where it is installed, otherwise docker; `MAPE_IMAGE_CONTAINER_TOOL` chooses.
 *
 * @throws BuilderError CONTAINER_TOOL_MISSING, CONTAINER_TOOL_UNKNOWN
 */
export async function findContainerTool(ports: Ports): Promise<ContainerTool> {
  const program = await chooseProgram(ports);
  const env = execEnv(ports.env);
  for (const name of PASSED) {
    const value = ports.env[name];
    if (value !== undefined && value !== '') env[name] = value;
  }
  return {
    program,
    run: (args, options) => ports.exec.run({ file: program, args, env, group: true, ...options }),
    start: (args) => ports.exec.start({ file: program, args, env }),
  };
}

async function chooseProgram(ports: Ports): Promise<ContainerTool['program']> {
  const chosen = ports.env[VARIABLE];
  if (chosen === undefined || chosen === '') {
    if (await ports.exec.has('podman')) return 'podman';
    if (await ports.exec.has('docker')) return 'docker';
  } else if (chosen !== 'podman' && chosen !== 'docker') {
    throw new BuilderError('CONTAINER_TOOL_UNKNOWN', {
      message: `wanted podman or docker in ${VARIABLE}, found ${JSON.stringify(chosen)}`,
      hint: 'leave it unset: podman is taken where it is installed, otherwise docker',
      details: { variable: VARIABLE, found: chosen },
    });
  } else if (await ports.exec.has(chosen)) return chosen;
  const wanted = chosen === undefined || chosen === '' ? ['podman', 'docker'] : [chosen];
  throw new BuilderError('CONTAINER_TOOL_MISSING', {
    message: `wanted ${wanted.join(' or ')} to build in a container, found no such program on PATH`,
    hint: 'install podman (Linux: package podman; macOS: podman.io or Docker Desktop)',
    details: { wanted },
  });
}
