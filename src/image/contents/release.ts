import { parseAssignments } from './assignments.ts';
import type { RootIndex } from './root-index.ts';

/** What an image says of the release it is; absent: what it does not say. */
export interface ReleaseInfo {
  /** `OpenWrt` */
  readonly distribution: string | undefined;
  /** `24.10.4`, `SNAPSHOT` */
  readonly version: string | undefined;
  /** `r28959-29397011cc` */
  readonly revision: string | undefined;
  /** `ath79/generic` */
  readonly target: string | undefined;
  /** Architecture of the packages, `mips_24kc`. */
  readonly architecture: string | undefined;
  /** Folders of `/lib/modules`, `6.6.110`; one in every image of an ImageBuilder. */
  readonly kernelVersions: readonly string[];
}

/**
 * @throws ImageError IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
 * @see openwrt package/base-files/files/etc/openwrt_release, package/base-files/files/usr/lib/os-release
 */
export async function readRelease(root: RootIndex): Promise<ReleaseInfo> {
  const release = parseAssignments((await root.readText('/etc/openwrt_release')) ?? '');
  const osRelease = parseAssignments((await root.readText('/usr/lib/os-release')) ?? '');
  const modules = root.resolve('/lib/modules')?.path ?? '/lib/modules';
  return {
    distribution: release.get('DISTRIB_ID') ?? osRelease.get('NAME'),
    version: release.get('DISTRIB_RELEASE') ?? osRelease.get('VERSION'),
    revision: release.get('DISTRIB_REVISION') ?? osRelease.get('BUILD_ID'),
    target: release.get('DISTRIB_TARGET') ?? osRelease.get('OPENWRT_BOARD'),
    architecture: release.get('DISTRIB_ARCH') ?? osRelease.get('OPENWRT_ARCH'),
    kernelVersions: root
      .list(modules)
      .filter(({ type }) => type === 'directory')
      .map(({ path }) => path.slice(modules.length + 1)),
  };
}
