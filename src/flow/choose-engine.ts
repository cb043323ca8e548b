import { openwrtImage } from '../builder/container/image-reference.ts';
import type { EngineId } from '../builder/types.ts';
import type { HttpRetry, Ports } from '../io/ports.ts';
import { parseReleaseWish } from '../release/release-name.ts';
import { isTargetName, parseTargetName, type TargetName } from '../release/target.ts';
import { DEFAULT_MIRROR, parseMirrorUrl } from '../release/urls.ts';
import { findDevice, recommendSeries } from './devices.ts';
import { FlowError } from './errors.ts';
import { resolvePlace } from './resolve-release.ts';

export type EngineWish = 'auto' | EngineId;

/** The machine this program runs on, in the words of node. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
}

/** ImageBuilders are programs for Linux on x86-64: there they run as they are, everywhere else in a container. */
export function chooseEngine(wish: EngineWish, host: Host): EngineId {
  if (wish !== 'auto') return wish;
  return host.platform === 'linux' && host.arch === 'x64' ? 'local' : 'container';
}

export interface ContainerImageWish {
  readonly profile: string | undefined;
  readonly release: string | undefined;
  readonly target?: string | undefined;
}

/**
 * The container image of OpenWrt for a device: of the release named, or of the one that the server lists as its newest.
 *
 * @throws FlowError ENGINE_RELEASE_UNKNOWN; ReleaseError RELEASE_*, TARGET_*; DeviceError PROFILE_*; IoError HTTP_*
 */
export async function resolveContainerImage(
  ports: Ports,
  { profile, release, target }: ContainerImageWish,
  { mirror, offline }: { readonly mirror?: string | undefined; readonly offline?: boolean | undefined },
): Promise<string> {
  const wish = release === undefined ? undefined : parseReleaseWish(release);
  const device = profile === undefined ? undefined : findDevice(profile);
  const known = target === undefined ? targetOf(device?.target) : parseTargetName(target);
  if (wish?.type === 'exact' && known !== undefined) return openwrtImage(wish.name, known);
  if (offline === true) {
    throw new FlowError('ENGINE_RELEASE_UNKNOWN', {
      message: `wanted a whole release and a known device to name the container image without a network, found ${release ?? 'no release'} and ${profile ?? 'no profile'}`,
      hint: 'write the release whole, such as --release 24.10.8, or give the image with --container-image',
      details: { release: release ?? '', profile: profile ?? '' },
    });
  }
  const server = {
    http: ports.http,
    mirror: parseMirrorUrl(mirror ?? DEFAULT_MIRROR),
    onRetry: ({ url, code, waitMs }: HttpRetry) =>
      ports.reporter.progress('retrying', { host: new URL(url).host, code, seconds: waitMs / 1000 }),
  };
  const recommended = device === undefined ? undefined : recommendSeries(device);
  const place = await resolvePlace(server, { release: wish, recommended, profile, target: known }, (name) =>
    targetOf(findDevice(name).target),
  );
  ports.reporter.step('chose-release', { version: place.release, target: place.target });
  return openwrtImage(place.release, place.target);
}

function targetOf(target: string | undefined): TargetName | undefined {
  return target !== undefined && isTargetName(target) ? target : undefined;
}
