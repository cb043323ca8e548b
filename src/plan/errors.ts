import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  PLAN_PREFIX_MISSING: 'input',
  PLAN_PROFILE_MISSING: 'input',
  PLAN_REFUSED: 'input',
  PLAN_RELEASE_MISMATCH: 'input',
} as const satisfies Record<string, ErrorKind>;

export type PlanErrorCode = keyof typeof KIND;

/** Why no plan can be made of valid settings. */
export class PlanError extends MapeImageError<PlanErrorCode> {
  override readonly name = 'PlanError';

  constructor(code: PlanErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
