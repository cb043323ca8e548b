import type { Finding } from '../../errors.ts';
import { isFitAt, parseFit } from './fit.ts';
import type { KernelInfo } from './types.ts';
import { isUimageAt, parseUimage } from './uimage.ts';

/** A kernel in a place of its own, such as a partition or an entry of an archive. */
export interface PlacedKernel {
  readonly kernel: KernelInfo;
  readonly findings: readonly Finding[];
}

const NOTHING_TOLD = {
  name: undefined,
  linuxVersion: undefined,
  os: undefined,
  architecture: undefined,
  compression: undefined,
  builtAtSec: undefined,
  loadAddress: undefined,
  entryAddress: undefined,
};

/**
 * What a kernel says of itself whose place its container names: all of the place is the kernel's.
 *
 * @throws ImageError IMAGE_TRUNCATED and those of parseFit
 */
export function describePlacedKernel(bytes: Uint8Array, offset: number, sizeBytes: number): PlacedKernel {
  const data = bytes.subarray(offset, offset + sizeBytes);
  if (isUimageAt(data, 0)) {
    const { kernel, findings } = parseUimage(data, 0);
    return { kernel: { ...kernel, offset, sizeBytes }, findings };
  }
  if (isFitAt(data, 0)) {
    const { kernel, findings } = parseFit(data);
    if (kernel !== undefined) return { kernel: { ...kernel, offset, sizeBytes }, findings };
  }
  return { kernel: { format: 'raw', offset, sizeBytes, ...NOTHING_TOLD }, findings: [] };
}
