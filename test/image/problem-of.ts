import { MapeImageError } from '../../src/errors.ts';

/** Code and problem of the error that a parser ends with, `none` where it does not. */
export function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof MapeImageError
      ? `${error.code}: ${String(error.details.problem)}`
      : String(error);
  }
}
