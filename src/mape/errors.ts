import { closedError, type ErrorInit, type ErrorKind } from '../errors.ts';

const KIND = {
  PREFIX_MALFORMED: 'input',
  PREFIX_TOO_SHORT: 'input',
  PREFIX_NOT_MAP_E: 'input',
  PREFIX_NO_INTERNET: 'input',
  PREFIX_NO_RULE: 'input',
  RULE_INVALID: 'input',
  SERVICE_UNKNOWN: 'input',
  SERVICE_NOT_MAP_E: 'input',
} as const satisfies Record<string, ErrorKind>;

export type MapeErrorCode = keyof typeof KIND;

/** What can be wrong with a prefix, a rule or a service's name. */
export class MapeError extends closedError('MapeError', KIND) {
  /** Id of the service the prefix belongs to, where that is known. */
  readonly service: string | null;

  constructor(code: MapeErrorCode, init: ErrorInit & { readonly service?: string | null }) {
    super(code, init);
    this.service = init.service ?? null;
  }
}
