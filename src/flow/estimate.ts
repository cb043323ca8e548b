import { deflateRawSync } from 'node:zlib';
import { estimateContent, type SizeEstimate } from '../device/estimate.ts';
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
