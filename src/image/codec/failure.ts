import { ImageError } from '../errors.ts';
import type { Packed } from './codec.ts';

const PROBLEM = {
  cut: 'data that end too early',
  data: 'data that cannot be unpacked',
  header: 'a damaged header',
  size: 'data of another length than their headers say',
} as const;

export type CodecProblem = keyof typeof PROBLEM;

/** CODEC_DAMAGED: bytes that are no data of this compression, or no longer. */
export function damaged(codec: string, packed: Packed, problem: CodecProblem, cause?: unknown): ImageError {
  return new ImageError('CODEC_DAMAGED', {
    message: `wanted whole ${codec} data at byte ${packed.offset}, found ${PROBLEM[problem]}`,
    hint: 'the image was damaged after it was made; build or download it again',
    details: { codec, offset: packed.offset, problem },
    cause,
  });
}

/** CODEC_TOO_LARGE: a block that would unpack to more than a block may hold. */
export function tooLarge(codec: string, packed: Packed): ImageError {
  return new ImageError('CODEC_TOO_LARGE', {
    message: `wanted ${codec} data at byte ${packed.offset} that unpack to at most ${packed.maxBytes} bytes, found more`,
    hint: 'this is no image of an ImageBuilder; do not flash it',
    details: { codec, offset: packed.offset, limit: packed.maxBytes },
  });
}
