import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  DEVICE_INVALID: 'input',
  PROFILE_UNKNOWN: 'input',
  PROFILE_AMBIGUOUS: 'input',
} as const satisfies Record<string, ErrorKind>;

export type DeviceErrorCode = keyof typeof KIND;

/** What can be wrong with a device file or with the text that names a profile. */
export class DeviceError extends closedError('DeviceError', KIND) {}
