import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  CACHE_RECORD_INVALID: 'input',
  IMAGEBUILDER_NOT_LISTED: 'unavailable',
  IMAGEBUILDER_OTHER: 'verification',
  MAKE_INFO_INVALID: 'tool',
  MANIFEST_INVALID: 'tool',
  MIRROR_INVALID: 'input',
  PACKAGE_NAME_INVALID: 'input',
  PACKAGE_VERSION_PINNED: 'input',
  PROFILES_JSON_INVALID: 'tool',
  RELEASE_INDEX_INVALID: 'unavailable',
  RELEASE_UNKNOWN: 'input',
  RELEASE_UNSUPPORTED: 'input',
  RELEASE_WITHOUT_PROFILE: 'input',
  SHA256SUMS_INVALID: 'verification',
  SIGNATURE_KEY_UNKNOWN: 'verification',
  SIGNATURE_MALFORMED: 'verification',
  SIGNATURE_WRONG: 'verification',
  TARGET_AMBIGUOUS: 'input',
  TARGET_INVALID: 'input',
  TARGET_UNKNOWN: 'input',
  TARGET_WITHOUT_PROFILE: 'input',
  USIGN_KEY_INVALID: 'input',
  VERSION_INVALID: 'input',
} as const satisfies Record<string, ErrorKind>;

export type ReleaseErrorCode = keyof typeof KIND;

export class ReleaseError extends closedError('ReleaseError', KIND) {}
