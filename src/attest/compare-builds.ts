import type { Finding } from '../errors.ts';
import { checkChanges, compareInputs, comparePackages } from './compare-locks.ts';
import type { Lock } from './lock.ts';

/** A file inside two images that is not the same in both, and in what. */
export interface ImageDifference {
  readonly path: string;
  /** From the recorded image to the one built again. */
  readonly change: 'added' | 'removed' | 'changed';
  /** What of it changed: `content`, `mode`, `owner`, ... */
  readonly aspects: readonly string[];
}

/** Say where two images differ inside; handed in by whoever can read them. */
export type CompareImages = (
  recorded: Uint8Array,
  rebuilt: Uint8Array,
) => Promise<readonly ImageDifference[]>;

/** One build, as far as two of them are held against each other. */
export interface ComparedBuild {
  readonly lock: Lock;
  readonly sha256Unsigned: string;
  readonly sizeBytes: number;
  readonly kernelBytes: number | null;
  readonly rootfsBytes: number | null;
}

/**
 * Where a repeated build differs from its record: nowhere if the images are equal, whatever else may be.
 *
 * Else the image, then what explains it: inputs, packages, sizes of the parts, files inside.
 */
export function checkReproduction(
  recorded: ComparedBuild,
  rebuilt: ComparedBuild,
  files: readonly ImageDifference[],
): readonly Finding[] {
  const [wanted, found] = [recorded.sha256Unsigned, rebuilt.sha256Unsigned];
  if (wanted === found) return [];
  const image: Finding = {
    severity: 'error',
    code: 'REPRODUCED_IMAGE_OTHER',
    message: `sha256 of the image without signature: wanted ${wanted}, found ${found}`,
    details: { wanted, found },
  };
  const inputs = compareInputs(recorded.lock, rebuilt.lock);
  const packages = comparePackages(recorded.lock, rebuilt.lock);
  return [
    image,
    ...checkChanges(inputs, packages),
    ...checkSizes(recorded, rebuilt),
    ...files.map(fileFinding),
  ];
}

function checkSizes(recorded: ComparedBuild, rebuilt: ComparedBuild): readonly Finding[] {
  const parts = [
    ['kernel', recorded.kernelBytes, rebuilt.kernelBytes],
    ['rootfs', recorded.rootfsBytes, rebuilt.rootfsBytes],
    ['image', recorded.sizeBytes, rebuilt.sizeBytes],
  ] as const;
  return parts.flatMap(([part, wanted, found]): Finding[] => {
    if (wanted === null || found === null || wanted === found) return [];
    const message = `size of the ${part}: wanted ${wanted} bytes, found ${found}`;
    const code = 'REPRODUCED_SIZE_OTHER';
    return [{ severity: 'error', code, message, details: { part, wanted, found } }];
  });
}

function fileFinding({ path, change, aspects }: ImageDifference): Finding {
  const what = {
    added: 'only in the image built again',
    removed: 'only in the image of the record',
    changed: `other ${aspects.join(', ')}`,
  }[change];
  return {
    severity: 'error',
    code: 'REPRODUCED_FILE_OTHER',
    message: `${path}: ${what}`,
    details: { path, change, aspects },
  };
}
