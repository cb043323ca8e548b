import { MapeImageError } from '../../src/errors.ts';

/** The code of the error that an action throws, `none` where it throws nothing. */
export function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof MapeImageError ? error.code : String(error);
  }
}
