import { z } from 'zod';
import type { Ports } from '../../io/ports.ts';
import { BuilderError } from '../errors.ts';
import { type ImageReference, isFixed, parseImageReference } from './image-reference.ts';
import type { ContainerTool } from './tool.ts';
import { explainCall } from './tool-failures.ts';

/** An image that podman or docker has. */
export interface ContainerImage {
  readonly reference: string;
  /** Names exactly these bytes, on this machine. */
  readonly id: string;
  /** 64 hex digits, as in `<repository>@sha256:…`; of an image that comes from no server, of its settings. */
  readonly sha256: string;
  /** `ghcr.io/openwrt/imagebuilder@sha256:…` */
  readonly pinned: string;
}

/** ImageBuilders are programs for this platform alone. */
export const PLATFORM = 'linux/amd64';

const INSPECT_TIMEOUT_MS = 2 * 60_000;
/** An image has some 500 MB. */
const PULL_TIMEOUT_MS = 60 * 60_000;

const Inspected = z
  .array(
    z.object({
      Id: z.string().regex(/^(?:sha256:)?[0-9a-f]{64}$/),
      RepoDigests: z.array(z.string()).nullish(),
      Digest: z.string().optional(),
      Os: z.string().optional(),
      Architecture: z.string().optional(),
    }),
  )
  .length(1);

/**
 * Find an image, and pull it where it is not there or where its tag may have moved. It is run by its digest after that.
 *
 * @param options.offline pull nothing
 * @throws BuilderError CONTAINER_*
 */
export async function obtainImage(
  ports: Ports,
  tool: ContainerTool,
  wanted: string,
  options: { readonly offline?: boolean | undefined },
): Promise<ContainerImage> {
  const reference = parseImageReference(wanted);
  const known = await inspect(tool, reference);
  const image =
    known !== undefined && (isFixed(reference) || options.offline === true)
      ? known
      : await pull(ports, tool, reference, options.offline === true);
  const { program } = tool;
  ports.reporter.step('chose-container-image', { image: reference.text, digest: image.sha256, program });
  return image;
}

async function pull(
  ports: Ports,
  tool: ContainerTool,
  reference: ImageReference,
  offline: boolean,
): Promise<ContainerImage> {
  const { text: image } = reference;
  const { program } = tool;
  if (offline) {
    throw new BuilderError('CONTAINER_IMAGE_NOT_CACHED', {
      message: `wanted the container image ${image}, found that ${program} does not have it and --offline forbids to fetch it`,
      hint: `run without --offline once, or run: ${program} pull --platform ${PLATFORM} ${image}`,
      details: { program, image, platform: PLATFORM },
    });
  }
  ports.reporter.progress('pulling-container-image', { image });
  const run = await tool.run(['pull', '--quiet', `--platform=${PLATFORM}`, image], {
    timeoutMs: PULL_TIMEOUT_MS,
  });
  if (run.exitCode !== 0) throw explainCall({ ...run, program, action: 'pull', image });
  const pulled = await inspect(tool, reference);
  if (pulled !== undefined) return pulled;
  throw explainCall({ program, action: 'image inspect', image, exitCode: 1, stderr: '' });
}

/** @returns undefined where the program does not have the image */
async function inspect(tool: ContainerTool, reference: ImageReference): Promise<ContainerImage | undefined> {
  const { program } = tool;
  const { text: image } = reference;
  const run = await tool.run(['image', 'inspect', image], { timeoutMs: INSPECT_TIMEOUT_MS });
  if (run.exitCode !== 0) {
    if (/no such image|image not known|: not found/i.test(run.stderr)) return undefined;
    throw explainCall({ ...run, program, action: 'image inspect', image });
  }
  const [found] = parseInspected(run.stdout);
  if (found === undefined)
    throw explainCall({ ...run, program, action: 'image inspect', image, stderr: run.stdout });
  const platform = `${found.Os ?? 'linux'}/${found.Architecture ?? 'amd64'}`;
  if (platform !== PLATFORM) {
    throw new BuilderError('CONTAINER_PLATFORM', {
      message: `wanted ${image} for ${PLATFORM}, found it for ${platform}`,
      hint: `run: ${program} pull --platform ${PLATFORM} ${image}`,
      details: { program, image },
    });
  }
  const digests = [
    ...(found.RepoDigests ?? []).filter((text) => text.startsWith(`${reference.repository}@`)),
    ...(found.RepoDigests ?? []),
    ...(found.Digest === undefined ? [] : [found.Digest]),
    `sha256:${found.Id.replace('sha256:', '')}`,
  ].flatMap((text) => /(?<=sha256:)[0-9a-f]{64}$/.exec(text)?.[0] ?? []);
  const pin = reference.digest?.slice('sha256:'.length);
  if (pin !== undefined && !digests.includes(pin)) {
    throw new BuilderError('CONTAINER_DIGEST_MISMATCH', {
      message: `wanted the bytes that ${image} names, found others`,
      hint: 'do not use it; pull it again from another network',
      details: { program, image },
    });
  }
  const sha256 = pin ?? digests[0] ?? '';
  return { reference: image, id: found.Id, sha256, pinned: `${reference.repository}@sha256:${sha256}` };
}

function parseInspected(text: string): z.infer<typeof Inspected> {
  try {
    return Inspected.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}
