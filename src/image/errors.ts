import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  CODEC_BAD_CHECK: 'verification',
  CODEC_DAMAGED: 'verification',
  CODEC_TOO_LARGE: 'verification',
  CODEC_UNSUPPORTED: 'verification',
  FWTOOL_BAD_CRC: 'verification',
  FWTOOL_BAD_SIZE: 'verification',
  FWTOOL_BAD_TYPE: 'verification',
  FWTOOL_TOO_MANY: 'verification',
  IMAGE_FILE_INVALID: 'verification',
  IMAGE_FILE_TOO_LARGE: 'verification',
  IMAGE_GZIP_DAMAGED: 'verification',
  IMAGE_MALFORMED: 'verification',
  IMAGE_OVERLAP: 'verification',
  IMAGE_TOO_MUCH: 'verification',
  IMAGE_TRUNCATED: 'verification',
  IMAGE_UNKNOWN: 'input',
  ROOTFS_NO_SUCH_FILE: 'input',
  SQUASHFS_BAD_BLOCK: 'verification',
  SQUASHFS_BAD_DIRECTORY: 'verification',
  SQUASHFS_BAD_INODE: 'verification',
  SQUASHFS_BAD_NAME: 'verification',
  SQUASHFS_BAD_SUPERBLOCK: 'verification',
  SQUASHFS_BAD_TABLE: 'verification',
  SQUASHFS_LOOP: 'verification',
  SQUASHFS_NO_MAGIC: 'verification',
  SQUASHFS_OLD_FORMAT: 'verification',
  SQUASHFS_TOO_LARGE: 'verification',
  SQUASHFS_UNKNOWN_COMPRESSION: 'verification',
} as const satisfies Record<string, ErrorKind>;

export type ImageErrorCode = keyof typeof KIND;

export class ImageError extends closedError('ImageError', KIND) {}
