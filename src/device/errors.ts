import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  DEVICE_INVALID: 'input',
  PROFILE_UNKNOWN: 'input',
  PROFILE_AMBIGUOUS: 'input',
} as const satisfies Record<string, ErrorKind>;

export type DeviceErrorCode = keyof typeof KIND;

/** What can be wrong with a device file or with the text that names a profile. */
export class DeviceError extends MapeImageError<DeviceErrorCode> {
  override readonly name = 'DeviceError';

  constructor(code: DeviceErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
