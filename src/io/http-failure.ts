import { MapeImageError } from '../errors.ts';
import { abortError } from './abort.ts';
import { fileError, IoError, isErrno } from './errors.ts';

/** What a later try may find gone: a line that dropped, a server that was late, a name server that did not answer. */
const HEALING_REASONS = new Set([
  'EAI_AGAIN',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'HPE_INVALID_EOF_STATE',
  'UND_ERR_ABORTED',
  'UND_ERR_CLOSED',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_SOCKET',
]);
const TIMEOUT_REASONS = new Set([
  'ETIMEDOUT',
  'TimeoutError',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);
const TLS_REASONS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/;
const CLOCK_REASONS = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED']);
/** Request Timeout, Too Early, Too Many Requests; the rest of 4xx says no again. */
const HEALING_STATUSES = new Set([408, 425, 429]);

/** Whether the same request may succeed a little later. */
export function mayHeal(error: unknown): boolean {
  if (!(error instanceof IoError)) return false;
  const { status, reason } = error.details;
  switch (error.code) {
    case 'HTTP_TIMEOUT':
      return true;
    case 'HTTP_UNREACHABLE':
      return typeof reason === 'string' && HEALING_REASONS.has(reason);
    case 'HTTP_STATUS':
      return typeof status === 'number' && (status >= 500 || HEALING_STATUSES.has(status));
    default:
      return false;
  }
}

/** The coded form of what a request threw; errors of our own pass unchanged. */
export function httpError(cause: unknown, url: string, signal: AbortSignal): Error {
  if (signal.aborted) return abortError(signal);
  if (cause instanceof MapeImageError) return cause;
  // A system call with a path is one of the disk's.
  if (isErrno(cause) && cause.path !== undefined) return fileError(cause, cause.path, 'write');
  const reason = findReason(cause);
  const { host } = new URL(url);
  const details = { url, host, reason };
  if (TIMEOUT_REASONS.has(reason)) {
    return new IoError('HTTP_TIMEOUT', {
      message: `wanted an answer from ${host}, found that it did not come in time (${reason})`,
      hint: 'try again: what has come is kept',
      details,
      cause,
    });
  }
  if (TLS_REASONS.test(reason)) {
    const byClock = CLOCK_REASONS.has(reason);
    return new IoError('HTTP_TLS', {
      message: `wanted a trusted connection to ${host}, found ${reason}`,
      hint: byClock
        ? 'check the clock of this machine, or give a mirror with http://: the signature is what protects the files'
        : 'check what stands between this machine and the server, or give a mirror with http://: the signature is what protects the files',
      details: { ...details, byClock },
      cause,
    });
  }
  if (/^(?:HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/.test(reason) && !HEALING_REASONS.has(reason))
    return badReply(url, reason, cause);
  return new IoError('HTTP_UNREACHABLE', {
    message: `wanted an answer from ${host}, found no connection that lasts (${reason})`,
    hint: 'check the network and the proxy; with --offline what was fetched before is used',
    details,
    cause,
  });
}

/** An answer whose status is not the one wanted. */
export function statusError(url: string, status: number): IoError {
  const { host } = new URL(url);
  if (status === 404 || status === 410) {
    return new IoError('HTTP_NOT_FOUND', {
      message: `wanted ${url}, found that the server has no such file (${status})`,
      hint: 'check the release, the target and the mirror',
      details: { url, host, status },
    });
  }
  return new IoError('HTTP_STATUS', {
    message: `wanted ${url}, found the answer ${status}`,
    hint:
      status >= 500
        ? 'the server has a problem: try again later, or give another with --mirror'
        : 'the server refuses: check the mirror and the proxy',
    details: { url, host, status },
  });
}

/** An answer that contradicts itself or the request. */
export function badReply(url: string, reason: string, cause?: unknown): IoError {
  return new IoError('HTTP_BAD_REPLY', {
    message: `wanted a sound answer for ${url}, found ${reason}`,
    hint: 'give another server with --mirror, or check the proxy',
    details: { url, reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function tooLarge(url: string, limitBytes: number): IoError {
  return new IoError('HTTP_TOO_LARGE', {
    message: `wanted at most ${limitBytes} bytes from ${url}, found more`,
    hint: 'this is not the file it should be: give another server with --mirror',
    details: { url, limitBytes },
  });
}

/** The most telling code in a chain of causes; several addresses of one name fail together. */
function findReason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  if (cause instanceof AggregateError && inner instanceof Error) return findReason(inner);
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return inner instanceof Error ? findReason(inner) : cause.name;
}
