import { type ErrorInit, type ErrorKind, MapeImageError } from '../errors.ts';

const KIND = {
  FWTOOL_BAD_CRC: 'verification',
  FWTOOL_BAD_SIZE: 'verification',
  FWTOOL_BAD_TYPE: 'verification',
  FWTOOL_TOO_MANY: 'verification',
  IMAGE_TRUNCATED: 'verification',
  ROOTFS_NO_SUCH_FILE: 'input',
} as const satisfies Record<string, ErrorKind>;

export type ImageErrorCode = keyof typeof KIND;

export class ImageError extends MapeImageError<ImageErrorCode> {
  constructor(code: ImageErrorCode, init: ErrorInit) {
    super(code, KIND[code], init);
  }
}
