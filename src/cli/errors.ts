import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  USAGE: 'usage',
  USAGE_COMBINATION: 'usage',
  INTERRUPTED: 'interrupted',
  INTERNAL: 'internal',
} as const satisfies Record<string, ErrorKind>;

export type CliErrorCode = keyof typeof KIND;

/** A wrong call, an interruption, or a bug of ours. */
export class CliError extends closedError('CliError', KIND) {}
