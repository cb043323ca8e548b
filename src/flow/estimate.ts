import { deflateRawSync } from 'node:zlib';
import { estimateContent, type SizeEstimate } from '../device/estimate.ts';
import type { Finding } from '../errors.ts';
import type { Planned } from '../plan/compute-plan.ts';
import { loadDevice } from './devices.ts';

/**
 * What the image of a plan will take, with its uncertainty.
 *
 * @param packageFileBytes sizes of package files at hand, by name
 * @returns `undefined` where no image of this device and release series is known
 */
export function estimateSize(
  { plan, overlay }: Planned,
  packageFileBytes: ReadonlyMap<string, number> = new Map(),
): SizeEstimate | undefined {
  const files = [...overlay.values()].flatMap((entry) => (entry.type === 'file' ? [entry.bytes] : []));
  return estimateContent(loadDevice(plan.profile), plan.series, {
    packages: plan.packages,
    packageFileBytes,
    overlayBytes: deflateRawSync(Buffer.concat(files), { level: 9 }).byteLength,
  });
}

/**
 * Say before a build where even the low end of the estimate is an image that forgets its settings. What is built is measured
 * and judged again: the estimate stands in no record.
 *
 * @param packageFileBytes as of estimateSize
 */
export function checkEstimate(
  planned: Planned,
  packageFileBytes: ReadonlyMap<string, number>,
): readonly Finding[] {
  const estimate = estimateSize(planned, packageFileBytes);
  if (estimate?.fit?.low.state !== 'forgets-settings') return [];
  const { lowBytes, fit } = estimate;
  const writableKiB = fit.low.writableBytes / 1024;
  return [
    {
      severity: 'warning',
      code: 'PLAN_LIKELY_TOO_BIG',
      message: `the image will likely be too large: by the estimate it has at least ${lowBytes} bytes, which leaves at most ${writableKiB} KiB for settings (320 are needed)`,
      hint: 'remove packages, such as luci, or files; the build goes on and is judged by what it makes',
      details: { lowBytes, writableKiB },
    },
  ];
}
