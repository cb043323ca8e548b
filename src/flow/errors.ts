import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  BUILD_FORGETS_SETTINGS: 'verification',
  BUILD_PACKAGES_DIFFER: 'verification',
  CACHE_DAMAGED: 'verification',
  DIFF_KINDS_DIFFER: 'input',
  DIFF_UNKNOWN: 'input',
  ENGINE_RELEASE_UNKNOWN: 'usage',
  FETCH_NO_DEVICE: 'usage',
  FETCH_NOT_CACHED: 'unavailable',
  INSPECT_NO_FILE: 'input',
  INSPECT_NO_PICTURE: 'input',
  INSPECT_NO_ROOT: 'input',
  INSPECT_TOO_LARGE: 'input',
  OUTPUT_EXISTS: 'input',
  VERIFY_FAILED: 'verification',
  VERIFY_NO_PLAN: 'input',
} as const satisfies Record<string, ErrorKind>;

export type FlowErrorCode = keyof typeof KIND;

/** What can go wrong in a use-case beyond its parts. */
export class FlowError extends closedError('FlowError', KIND) {}
