import { ImageError } from '../errors.ts';

/** A field holds what no writer of its format puts there. */
export function malformed(what: string, offset: number, wanted: string, found: string | number): ImageError {
  return new ImageError('IMAGE_MALFORMED', {
    message: `wanted ${wanted} in the ${what} at byte ${offset}, found ${found}`,
    hint: 'the image was damaged, or is none of OpenWrt; build or download it again',
    details: { what, offset, wanted, found },
  });
}

/** More of something than any real image has. */
export function tooMuch(what: string, limit: number): ImageError {
  return new ImageError('IMAGE_TOO_MUCH', {
    message: `wanted at most ${limit} ${what}, found more`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { what, limit },
  });
}

/** Two parts claim the same bytes. */
export function overlap(first: string, second: string, offset: number): ImageError {
  return new ImageError('IMAGE_OVERLAP', {
    message: `wanted ${second} behind ${first}, found that both hold byte ${offset}`,
    hint: 'the image was damaged, or is none of OpenWrt; build or download it again',
    details: { first, second, offset },
  });
}

/** A part ends behind the last byte. */
export function cutOff(what: string, offset: number, wanted: number, found: number): ImageError {
  return new ImageError('IMAGE_TRUNCATED', {
    message: `wanted ${wanted} bytes of ${what} at byte ${offset}, found that the image ends at byte ${found}`,
    hint: 'the file was cut or damaged; build or download it again',
    details: { what, offset, wanted, found },
  });
}
