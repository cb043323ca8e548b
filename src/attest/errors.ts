import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  LOCK_DIFFERS: 'verification',
  LOCK_EXISTS: 'input',
  LOCK_INVALID: 'input',
  LOCK_MISSING: 'input',
  LOCK_OTHER_CONFIG: 'input',
  RECORD_DAMAGED: 'verification',
  RECORD_INVALID: 'input',
  RECORD_MISSING: 'input',
  RECORD_NEEDS_CONFIG: 'input',
  RECORD_NEEDS_IMAGEBUILDER: 'input',
  RECORD_OTHER_PLAN: 'input',
  REPRODUCED_OTHER: 'verification',
} as const satisfies Record<string, ErrorKind>;

export type AttestErrorCode = keyof typeof KIND;

/** What is wrong with a lock or a record of a build, or differs from it. */
export class AttestError extends closedError('AttestError', KIND) {}
