import { closedError, type ErrorKind } from '../errors.ts';

const KIND = {
  OVERLAY_REFUSED: 'input',
  OVERLAY_TEMPLATE_INVALID: 'internal',
  OVERLAY_UNSAFE_VALUE: 'input',
  OVERLAY_VIEW_INVALID: 'internal',
} as const satisfies Record<string, ErrorKind>;

export type OverlayErrorCode = keyof typeof KIND;

/** What keeps the overlay from being rendered. */
export class OverlayError extends closedError('OverlayError', KIND) {}

/** Codes of what the checks of this folder find. */
export type OverlayFindingCode =
  | 'FILE_COLLIDES'
  | 'FILE_MODE_REFUSED'
  | 'FILE_NAME_REFUSED'
  | 'FILE_PATH_REFUSED'
  | 'FILE_REPLACES_CONFIG'
  | 'FORWARD_COUNT_DIFFERS'
  | 'FORWARD_HOST_OUTSIDE_LAN'
  | 'FORWARD_OVERLAPS'
  | 'FORWARD_PORT_NOT_OURS'
  | 'PORT_POOL_EMPTY'
  | 'PORT_POOL_SMALL'
  | 'RESERVED_PORT_NOT_OURS'
  | 'TIMEZONE_UNKNOWN'
  | 'UCI_OVERRIDES_OURS'
  | 'WIFI_KEY_MISSING';
