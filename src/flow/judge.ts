import type { BuiltImage, ProfileInfo } from '../builder/types.ts';
import type { DeviceProfile } from '../device/device.ts';
import { computeFit, type Fit } from '../device/fit.ts';
import type { Finding } from '../errors.ts';
import { MAP_PACKAGE } from '../plan/packages.ts';
import type { Plan } from '../plan/plan.ts';
import { FlowError } from './errors.ts';

/** What is known of a finished image beyond its digest. */
export interface Judgement {
  readonly fit: Fit | undefined;
  readonly warnings: readonly Finding[];
}

/**
 * Hold a finished image against its plan: packages, board, room for settings.
 *
 * @param force let an image pass that forgets its settings
 * @throws FlowError BUILD_PACKAGES_DIFFER, BUILD_FORGETS_SETTINGS
 */
export function judgeImage(
  plan: Plan,
  device: DeviceProfile,
  profile: ProfileInfo | undefined,
  image: Pick<BuiltImage, 'installed' | 'kernelBytes' | 'rootfsBytes'>,
  force: boolean,
): Judgement {
  const packages = checkInstalled(plan, image.installed);
  const missing = packages.filter(({ severity }) => severity === 'error');
  if (missing.length > 0) {
    throw new FlowError('BUILD_PACKAGES_DIFFER', {
      message: `the image lacks ${missing.length} of the packages planned`,
      hint: 'do not flash it; see the log of the build',
      details: { count: missing.length },
      findings: packages,
    });
  }
  const fit = computeImageFit(device, image);
  return { fit, warnings: [...packages, ...checkBoard(device, profile), ...checkFit(device, fit, force)] };
}

/** The requested packages have to be in; a removed one that came back is worth a word: something depends on it. */
function checkInstalled(plan: Plan, installed: ReadonlyMap<string, string>): Finding[] {
  return plan.packages.flatMap((item): Finding[] => {
    const name = item.replace(/^-/, '');
    // A library's package carries the version of its ABI: libubox20240329 stands for libubox.
    const present =
      installed.has(name) ||
      [...installed.keys()].some((key) => key.startsWith(name) && /^[0-9.]+$/.test(key.slice(name.length)));
    if (item.startsWith('-')) {
      if (!present) return [];
      return [
        {
          severity: 'warning',
          code: 'IMAGE_PACKAGE_CAME_BACK',
          message: `${name} was removed and is in the image all the same: another package needs it`,
          hint: 'remove the package that needs it as well',
          details: { package: name },
        },
      ];
    }
    if (present) return [];
    return [
      {
        severity: 'error',
        code: 'IMAGE_PACKAGE_MISSING',
        message: `${name} is not in the image`,
        details: { package: name, needed: name === MAP_PACKAGE },
      },
    ];
  });
}

function checkBoard(device: DeviceProfile, profile: ProfileInfo | undefined): Finding[] {
  const boards = profile?.supportedDevices ?? [];
  if (device.supportedDevices.length === 0 || boards.some((board) => device.supportedDevices.includes(board)))
    return [];
  return [
    {
      severity: 'warning',
      code: 'IMAGE_OTHER_BOARD',
      message: `the image is for ${boards.join(', ') || 'no board at all'}; a ${device.title} refuses it`,
      hint: 'a sample ImageBuilder makes such images: use the one from downloads.openwrt.org for the router',
      details: { boards, title: device.title },
    },
  ];
}

function computeImageFit(
  device: DeviceProfile,
  image: Pick<BuiltImage, 'kernelBytes' | 'rootfsBytes'>,
): Fit | undefined {
  if (device.flash === undefined || image.kernelBytes === undefined || image.rootfsBytes === undefined)
    return undefined;
  return computeFit(device.flash, image.kernelBytes + image.rootfsBytes);
}

function checkFit(device: DeviceProfile, fit: Fit | undefined, force: boolean): Finding[] {
  if (fit === undefined || device.flash === undefined || fit.state === 'recommended') return [];
  const { forgetsSettingsContentBytes, recommendedContentBytes } = device.flash.limits;
  const writableKiB = fit.writableBytes / 1024;
  if (fit.state === 'tight') {
    const overBytes = fit.contentBytes - recommendedContentBytes.value;
    return [
      {
        severity: 'warning',
        code: 'IMAGE_TIGHT',
        message: `only ${writableKiB} KiB stay for settings: ${overBytes} bytes above what is recommended`,
        hint: 'remove packages that are not needed',
        details: { writableKiB, overBytes },
      },
    ];
  }
  const overBytes = fit.contentBytes - forgetsSettingsContentBytes.value;
  const message = `the image is ${overBytes} bytes too large: the router would forget every setting at reboot (${writableKiB} KiB stay, 320 are needed)`;
  const hint = 'remove packages, such as luci, and build again';
  const details = { writableKiB, overBytes };
  if (!force) throw new FlowError('BUILD_FORGETS_SETTINGS', { message, hint, details });
  return [{ severity: 'warning', code: 'BUILD_FORGETS_SETTINGS', message, hint, details }];
}
