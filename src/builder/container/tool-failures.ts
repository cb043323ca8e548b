import { escapeControls } from '../../bytes/escape-controls.ts';
import { BuilderError, type BuilderErrorCode } from '../errors.ts';
import type { ContainerTool } from './tool.ts';

/** A call of podman or docker that ended with another exit code than 0. */
export interface FailedCall {
  readonly program: ContainerTool['program'];
  /** What was tried: `pull`, `run`, `exec`. */
  readonly action: string;
  /** Reference of the image it was about. */
  readonly image: string;
  readonly exitCode: number;
  readonly stderr: string;
}

/** Why the program cannot do anything, and what to do about it. */
const UNREACHABLE = [
  {
    reason: 'permission',
    pattern: /permission denied while trying to connect|dial unix .*: connect: permission denied/i,
    found: 'that this user may not talk to it',
    hint: 'add the user to the group docker and log in again, or use podman, which needs no such right',
  },
  {
    reason: 'machine',
    pattern: /Cannot connect to Podman|unable to connect to Podman|podman machine (?:init|start)/i,
    found: 'its machine not running',
    hint: 'start it: podman machine init (once), then podman machine start',
  },
  {
    reason: 'daemon',
    pattern: /Cannot connect to the Docker daemon|docker daemon running|failed to connect to the docker API/i,
    found: 'its daemon not running',
    hint: 'start Docker Desktop; on Linux: sudo systemctl start docker',
  },
  {
    reason: 'namespaces',
    pattern:
      /newuidmap|newgidmap|no subuid ranges|cannot (?:clone|set up namespace|re-exec)|user namespaces are not enabled/i,
    found: 'that it cannot make user namespaces',
    hint: 'give the user a range in /etc/subuid and /etc/subgid, then run podman system migrate',
  },
] as const;

type Rule = readonly [
  code: BuilderErrorCode,
  pattern: RegExp,
  message: (call: FailedCall) => string,
  hint: string,
];

/** @see moby/moby, containers/podman and opencontainers/runtime-spec: the messages are not translated by either */
const RULES: readonly Rule[] = [
  [
    'CONTAINER_DISK_FULL',
    /no space left on device|disk quota exceeded/i,
    ({ program }) => `wanted room for a container, found none left where ${program} keeps its files`,
    'free some: podman system prune, or docker system prune; in a virtual machine, make its disk larger',
  ],
  [
    'CONTAINER_PLATFORM',
    /exec format error|no (?:image found|matching manifest|match for platform)\b.*|does not match the specified platform/i,
    ({ image, program }) =>
      `wanted ${program} to run programs of linux/amd64 in ${image}, found that it cannot`,
    'on arm64 turn on emulation: Rosetta in the settings of Docker Desktop or podman machine; on Linux, package qemu-user-static',
  ],
  [
    'CONTAINER_DIGEST_MISMATCH',
    /digest (?:did not match|mismatch|verification failed)|manifest verification failed|unexpected commit digest/i,
    ({ image }) => `wanted the bytes that ${image} names, found others`,
    'do not use it; pull it again from another network',
  ],
  [
    'CONTAINER_IMAGE_UNKNOWN',
    /manifest unknown|manifest for \S+ not found|name unknown|repository does not exist|requested access to the resource is denied|: not found\b|\bdenied\b/i,
    ({ image }) => `wanted the container image ${image}, found no such image on its server`,
    'check release and target; OpenWrt names its images <target>-<subtarget>-v<release>, or give one with --container-image',
  ],
];

/** The error for a call that failed, by what it printed. */
export function explainCall(call: FailedCall): BuilderError {
  const { program, action, image, exitCode, stderr } = call;
  const lines = selectLines(stderr);
  for (const { reason, pattern, found, hint } of UNREACHABLE) {
    if (!pattern.test(stderr)) continue;
    const message = `wanted ${program} to answer, found ${found}`;
    return new BuilderError('CONTAINER_TOOL_UNREACHABLE', {
      message,
      hint,
      details: { program, reason },
      lines,
    });
  }
  for (const [code, pattern, message, hint] of RULES) {
    if (code === 'CONTAINER_IMAGE_UNKNOWN' && action !== 'pull') continue;
    if (!pattern.test(stderr)) continue;
    return new BuilderError(code, { message: message(call), hint, details: { program, image }, lines });
  }
  if (action === 'pull') {
    return new BuilderError('CONTAINER_PULL_FAILED', {
      message: `wanted ${program} to fetch the container image ${image}, found it unable to`,
      hint: 'check the connection and run the command again',
      details: { program, image },
      lines,
    });
  }
  return new BuilderError('CONTAINER_FAILED', {
    message: `wanted ${program} ${action} to end with exit code 0, found ${exitCode}`,
    hint: 'read the lines shown',
    details: { program, action, exitCode },
    lines,
  });
}

function selectLines(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-6)
    .map((line) => escapeControls(line.trimEnd().slice(0, 300)));
}
