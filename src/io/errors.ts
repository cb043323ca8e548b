import { closedError, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  ARCHIVE_CORRUPT: 'input',
  ARCHIVE_REFUSED: 'input',
  DISK_FULL: 'unavailable',
  DOWNLOAD_DIGEST_MISMATCH: 'verification',
  FILE_EXISTS: 'input',
  FILE_MISSING: 'input',
  FILE_UNREADABLE: 'input',
  FILE_UNWRITABLE: 'unavailable',
  HTTP_BAD_REPLY: 'unavailable',
  HTTP_NOT_FOUND: 'unavailable',
  HTTP_OFFLINE: 'unavailable',
  HTTP_REDIRECT_REFUSED: 'unavailable',
  HTTP_STATUS: 'unavailable',
  HTTP_TIMEOUT: 'unavailable',
  HTTP_TLS: 'unavailable',
  HTTP_TOO_LARGE: 'unavailable',
  HTTP_UNREACHABLE: 'unavailable',
  INTERRUPTED: 'interrupted',
  LOCK_FAILED: 'unavailable',
  NO_SAFE_FOLDER: 'unavailable',
  PROXY_INVALID: 'input',
  STORE_DAMAGED: 'verification',
  TOOL_FAILED: 'tool',
  TOOL_MISSING: 'unavailable',
  TOOL_TIMEOUT: 'tool',
  TREE_REFUSED: 'internal',
} as const satisfies Record<string, ErrorKind>;

export type IoErrorCode = keyof typeof KIND;

export class IoError extends closedError('IoError', KIND) {}

/** Whether a thrown value carries the code of a failed system call, such as `ENOENT`. */
export function isErrno(cause: unknown): cause is NodeJS.ErrnoException & { code: string } {
  return (
    cause instanceof Error &&
    !(cause instanceof MapeImageError) &&
    'code' in cause &&
    typeof cause.code === 'string'
  );
}

/**
 * The coded form of what a file system call threw. Errors of our own and aborts pass unchanged.
 *
 * @param access what was tried: decides between unreadable and unwritable
 */
export function fileError(cause: unknown, path: string, access: 'read' | 'write'): Error {
  if (!isErrno(cause)) return cause instanceof Error ? cause : new Error(String(cause));
  const reason = cause.code;
  const details = { path, reason };
  switch (reason) {
    case 'ABORT_ERR':
      return cause;
    case 'ENOSPC':
    case 'EDQUOT':
      return new IoError('DISK_FULL', {
        message: `wanted to write ${path}, found no space left on the device`,
        hint: 'free some space there, or choose another folder',
        details,
        cause,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new IoError('FILE_MISSING', {
        message: `wanted ${path}, found nothing there`,
        hint: 'check the path',
        details,
        cause,
      });
    case 'EEXIST':
    case 'ENOTEMPTY':
      return new IoError('FILE_EXISTS', {
        message: `wanted to create ${path}, found something there already`,
        hint: 'remove it, or choose another path',
        details,
        cause,
      });
    default:
      return access === 'read'
        ? new IoError('FILE_UNREADABLE', {
            message: `wanted to read ${path}, found ${reason}`,
            hint: 'check that it is the right path and that you may read it',
            details,
            cause,
          })
        : new IoError('FILE_UNWRITABLE', {
            message: `wanted to write ${path}, found ${reason}`,
            hint: 'check that you may write there, or choose another folder',
            details,
            cause,
          });
  }
}
