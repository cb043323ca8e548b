import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  PLAN_PREFIX_MISSING: 'input',
  PLAN_PROFILE_MISSING: 'input',
  PLAN_REFUSED: 'input',
  PLAN_RELEASE_MISMATCH: 'input',
} as const satisfies Record<string, ErrorKind>;

export type PlanErrorCode = keyof typeof KIND;

/** Why no plan can be made of valid settings. */
export class PlanError extends closedError('PlanError', KIND) {}
