/** Exit code of the process by kind of error. */
export const EXIT_CODE = {
  internal: 1,
  usage: 2,
  input: 3,
  verification: 4,
  tool: 5,
  unavailable: 6,
  device: 7,
  interrupted: 130,
} as const;

export type ErrorKind = keyof typeof EXIT_CODE;

/** The values a message speaks of, by name, so that a sentence can be built again in another language. */
export type Details = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A place in a text the user wrote; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing found by a check. Checks return all they find; nothing is thrown before the last. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly place?: Place;
  readonly details?: Details;
}

export interface ErrorInit {
  readonly message: string;
  readonly hint?: string;
  readonly details?: Details;
  readonly findings?: readonly Finding[];
  /** Lines of a child's output that matter, control characters escaped. */
  readonly lines?: readonly string[];
  /** Path of the full log on disk. */
  readonly logPath?: string;
  readonly cause?: unknown;
}

/** The only error thrown on purpose: a stable code, a sentence with wanted and found, and an action. */
export class MapeImageError<Code extends string = string> extends Error {
  override readonly name: string = 'MapeImageError';
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly details: Details;
  readonly findings: readonly Finding[];
  readonly lines: readonly string[];
  readonly logPath: string | undefined;

  constructor(code: Code, kind: ErrorKind, init: ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.kind = kind;
    this.hint = init.hint;
    this.details = init.details ?? {};
    this.findings = init.findings ?? [];
    this.lines = init.lines ?? [];
    this.logPath = init.logPath;
  }
}

/**
 * What the errors of a folder extend: a closed set of codes, each of one kind.
 *
 * @example class DeviceError extends closedError('DeviceError', KIND) {}
 */
export function closedError<Code extends string>(
  name: string,
  kinds: Readonly<Record<Code, ErrorKind>>,
): new (
  code: Code,
  init: ErrorInit,
) => MapeImageError<Code> {
  return class extends MapeImageError<Code> {
    override readonly name = name;

    constructor(code: Code, init: ErrorInit) {
      super(code, kinds[code], init);
    }
  };
}
