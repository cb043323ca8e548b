import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  BUILD_FORGETS_SETTINGS: 'verification',
  BUILD_PACKAGES_DIFFER: 'verification',
  CACHE_DAMAGED: 'verification',
  FETCH_NO_DEVICE: 'usage',
  FETCH_NOT_CACHED: 'unavailable',
  OUTPUT_EXISTS: 'input',
} as const satisfies Record<string, ErrorKind>;

export type FlowErrorCode = keyof typeof KIND;

/** What can go wrong in a use-case beyond its parts. */
export class FlowError extends MapeImageError<FlowErrorCode> {
  override readonly name = 'FlowError';

  constructor(code: FlowErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
