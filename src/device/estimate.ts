import type { DeviceProfile } from './device.ts';
import { computeFit, type Fit } from './fit.ts';

/** What an image will take, before it is built; bytes of kernel and root file system together. */
export interface SizeEstimate {
  readonly lowBytes: number;
  readonly highBytes: number;
  /** Packages whose size is not known; neither are they counted, nor what they depend on. */
  readonly uncounted: readonly string[];
  /** How both ends lie in the flash. */
  readonly fit: { readonly low: Fit; readonly high: Fit } | undefined;
}

/** What is known beside the device's own figures. */
export interface EstimateInput {
  /** The `PACKAGES` list, `-name` removes. */
  readonly packages: readonly string[];
  /** Bytes of package files, compressed, by name. */
  readonly packageFileBytes: ReadonlyMap<string, number>;
  /** Bytes of the overlay, compressed as one stream. */
  readonly overlayBytes: number;
}

/**
 * Share of a package file that its content takes in the root file system, at least: xz over blocks of 256 KiB packs closer
 * than gzip or deflate over one package.
 */
const CLOSEST_PACKING = 0.7;

/**
 * Estimate kernel and root file system from an image of known size and what is added to and removed from it.
 *
 * Both ends err to their side: a removal counts for the low end alone, since another package may keep what it frees.
 *
 * @returns `undefined` where no image of this device and series is known
 */
export function estimateContent(
  device: DeviceProfile,
  series: string,
  { packages, packageFileBytes, overlayBytes }: EstimateInput,
): SizeEstimate | undefined {
  const base = device.content.find((known) => known.series === series);
  if (base === undefined) return undefined;
  let lowBytes = base.bytes.value - base.plusMinusBytes + overlayBytes * CLOSEST_PACKING;
  let highBytes = base.bytes.value + base.plusMinusBytes + overlayBytes;
  const uncounted: string[] = [];
  const wanted = packages.filter((item) => !item.startsWith('-') && !base.packages.includes(item));
  for (const name of wanted) {
    const size = sizeOf(name);
    if (size === undefined) uncounted.push(name);
    lowBytes += size?.low ?? 0;
    highBytes += size?.high ?? 0;
  }
  const gone = [
    ...packages.filter((item) => item.startsWith('-')).map((item) => item.slice(1)),
    ...base.packages.filter((name) => !packages.includes(name)),
  ];
  for (const name of new Set(gone)) lowBytes -= sizeOf(name)?.high ?? 0;
  const [low, high] = [Math.floor(lowBytes), Math.ceil(highBytes)];
  const { flash } = device;
  return {
    lowBytes: low,
    highBytes: high,
    uncounted,
    fit: flash === undefined ? undefined : { low: computeFit(flash, low), high: computeFit(flash, high) },
  };

  function sizeOf(name: string): { readonly low: number; readonly high: number } | undefined {
    const known = device.packageBytes.find((entry) => entry.name === name);
    if (known !== undefined) {
      const { value } = known.bytes;
      return { low: value - known.plusMinusBytes, high: value + known.plusMinusBytes };
    }
    const fileBytes = packageFileBytes.get(name);
    return fileBytes === undefined ? undefined : { low: fileBytes * CLOSEST_PACKING, high: fileBytes };
  }
}
