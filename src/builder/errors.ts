import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  ARGUMENT_UNSAFE: 'internal',
  BUILD_DISK_FULL: 'unavailable',
  BUILD_FAILED: 'tool',
  BUILD_KILLED: 'tool',
  BUILD_TIMEOUT: 'tool',
  CONTAINER_DIGEST_MISMATCH: 'verification',
  CONTAINER_DISK_FULL: 'unavailable',
  CONTAINER_ENDED: 'tool',
  CONTAINER_FAILED: 'tool',
  CONTAINER_IMAGE_INVALID: 'input',
  CONTAINER_IMAGE_NOT_CACHED: 'unavailable',
  CONTAINER_IMAGE_UNKNOWN: 'input',
  CONTAINER_KILLED: 'tool',
  CONTAINER_NO_IMAGEBUILDER: 'input',
  CONTAINER_PLATFORM: 'unavailable',
  CONTAINER_PULL_FAILED: 'unavailable',
  CONTAINER_SETUP_FAILED: 'tool',
  CONTAINER_TOOL_MISSING: 'unavailable',
  CONTAINER_TOOL_UNKNOWN: 'usage',
  CONTAINER_TOOL_UNREACHABLE: 'unavailable',
  CONTAINER_TOOLS_MISSING: 'input',
  DEPENDENCY_UNSATISFIED: 'tool',
  ESSENTIAL_PACKAGE_MISSING: 'verification',
  FEED_UNREACHABLE: 'unavailable',
  FILE_CLASH: 'tool',
  IMAGE_DIGEST_MISMATCH: 'verification',
  IMAGE_NOT_BUILT: 'tool',
  IMAGE_TOO_BIG: 'verification',
  IMAGEBUILDER_CHANGED: 'verification',
  IMAGEBUILDER_INCOMPLETE: 'input',
  IMAGEBUILDER_MISSING: 'input',
  IMAGEBUILDER_NOT_ONE: 'input',
  IMAGEBUILDER_PATH_UNSAFE: 'input',
  IMAGEBUILDER_READ_ONLY: 'input',
  OVERLAY_CLASH: 'input',
  PACKAGE_CONFLICT: 'tool',
  PACKAGE_CORRUPT: 'verification',
  PACKAGE_INSTALL_FAILED: 'tool',
  PACKAGE_SCRIPT_FAILED: 'tool',
  PACKAGE_UNAVAILABLE: 'tool',
  PACKAGE_UNKNOWN: 'input',
  PREREQUISITE_MISSING: 'unavailable',
  PROFILE_UNKNOWN: 'input',
  TREE_BROKEN: 'tool',
  TREE_BUSY: 'unavailable',
  UMASK_WRONG: 'tool',
} as const satisfies Record<string, ErrorKind>;

export type BuilderErrorCode = keyof typeof KIND;

export class BuilderError extends MapeImageError<BuilderErrorCode> {
  constructor(code: BuilderErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
