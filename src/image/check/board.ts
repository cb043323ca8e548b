import type { Finding } from '../../errors.ts';

export interface BoardCheck {
  /** Boards the image names in its metadata, `tplink,archer-c6-v2`. */
  readonly boards: readonly string[];
  /** Boards of the device; none: nothing is known of it. */
  readonly supportedDevices: readonly string[];
  readonly title: string;
}

/** Boards of images that are made to be looked at: no router has one. */
const SAMPLE_BOARD = /^sample,/;

/**
 * Whether the router takes the image: it compares its own board with those the image names. That of a sample is worth a
 * warning alone: nobody can flash it.
 *
 * @see openwrt package/base-files/files/lib/upgrade/fwtool.sh (fwtool_check_image)
 */
export function checkBoard({ boards, supportedDevices, title }: BoardCheck): readonly Finding[] {
  if (boards.length > 0 && boards.every((board) => SAMPLE_BOARD.test(board))) {
    return [
      {
        severity: 'warning',
        code: 'IMAGE_SAMPLE_BOARD',
        message: `the image is for ${boards.join(', ')}: no router has this board`,
        hint: 'a sample ImageBuilder makes such images: use the one from downloads.openwrt.org for the router',
        details: { boards },
      },
    ];
  }
  if (supportedDevices.length === 0 || boards.some((board) => supportedDevices.includes(board))) return [];
  return [
    {
      severity: 'error',
      code: 'IMAGE_OTHER_BOARD',
      message: `the image is for ${boards.join(', ') || 'no board at all'}; a ${title} refuses it`,
      hint: 'do not flash it; build the image for the profile of the router',
      details: { boards, title },
    },
  ];
}
