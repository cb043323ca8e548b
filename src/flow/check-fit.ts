import type { Finding } from '../errors.ts';
import { adviseWeight } from '../image/weight/advice.ts';
import type { Plan } from '../plan/plan.ts';
import type { Inspected } from './inspect.ts';

/** jffs2 refuses fewer. @see linux fs/jffs2/fs.c */
const LEAST_BLOCKS = 5;
/** Of nearly every SPI NOR flash that OpenWrt runs from. */
const COMMON_ERASE_BLOCK_BYTES = 64 * 1024;
/**
 * Hold an image against the lines of its device's flash: what forgets its settings is an error, what is tight a warning;
 * either comes with what could be left out and what that frees, the most first.
 *
 * @param imageLimitBytes room of the firmware by the ImageBuilder's makefiles, for a device that is not described
 * @throws what the root's own reader throws
 */
export async function checkFit(
  found: Inspected,
  plan: Pick<Plan, 'packages'> | undefined,
  imageLimitBytes?: number,
): Promise<readonly Finding[]> {
  const { fit, device, squashfs } = found;
  if (device.flash === undefined) return checkDerivedFit(found, imageLimitBytes);
  if (fit === undefined || fit.state === 'recommended') return [];
  const { forgetsSettingsContentBytes, recommendedContentBytes } = device.flash.limits;
  const writableKiB = fit.writableBytes / 1024;
  const advice = squashfs === undefined ? [] : await adviseWeight(squashfs, plan?.packages ?? []);
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
      ...advice,
    ];
  }
  const overBytes = fit.contentBytes - forgetsSettingsContentBytes.value;
  return [
    {
      severity: 'error',
      code: 'IMAGE_FORGETS_SETTINGS',
      message: `the image is ${overBytes} bytes too large: the router would forget every setting at reboot (${writableKiB} KiB stay, 320 are needed)`,
      hint: 'remove packages, such as luci, and build again',
      details: { writableKiB, overBytes },
    },
    ...advice,
  ];
}

/**
 * For a device whose flash is not described: the ImageBuilder's own data say how much room its firmware has. Where an erase
 * block begins they do not say, so one block is left out of the count.
 */
function checkDerivedFit(
  { image, contents }: Inspected,
  imageLimitBytes: number | undefined,
): readonly Finding[] {
  const { contentBytes } = image;
  const isJffs2 = image.parts.some(({ kind }) => kind === 'marker');
  if (imageLimitBytes === undefined || contentBytes === undefined || contents === undefined || !isJffs2)
    return [];
  const blocks = Math.floor((imageLimitBytes - contentBytes) / COMMON_ERASE_BLOCK_BYTES) - 1;
  if (blocks >= LEAST_BLOCKS) return [];
  const writableKiB = (Math.max(0, blocks) * COMMON_ERASE_BLOCK_BYTES) / 1024;
  return [
    {
      severity: 'warning',
      code: 'IMAGE_LIKELY_FORGETS',
      message: `about ${writableKiB} KiB stay for settings by the ImageBuilder's own figures, 320 are needed: the router may forget every setting at reboot`,
      hint: 'remove packages, such as luci, and build again',
      details: { writableKiB, limitBytes: imageLimitBytes, contentBytes },
    },
  ];
}
