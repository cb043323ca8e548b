import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  MAKE_INFO_INVALID: 'tool',
  MANIFEST_INVALID: 'tool',
  PACKAGE_NAME_INVALID: 'input',
  PACKAGE_VERSION_PINNED: 'input',
  PROFILES_JSON_INVALID: 'tool',
  RELEASE_UNSUPPORTED: 'input',
  VERSION_INVALID: 'input',
} as const satisfies Record<string, ErrorKind>;

export type ReleaseErrorCode = keyof typeof KIND;

export class ReleaseError extends MapeImageError<ReleaseErrorCode> {
  constructor(code: ReleaseErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
