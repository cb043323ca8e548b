import { bytesAt } from '../bytes-at.ts';
import { ImageError } from '../errors.ts';

const MAGIC = 'hsqs';
/** By their first four bytes: what routers had before squashfs 4.0, with OpenWrt's and others' own compression. */
const OTHERS: Readonly<Record<string, string>> = {
  sqsh: 'big-endian',
  shsq: 'lzma',
  qshs: 'lzma',
  sqlz: 'lzma',
  hsqt: 'lzma',
  tqsh: 'lzma',
};
const LABEL: Readonly<Record<string, string>> = {
  'big-endian': 'the big-endian format',
  lzma: "the lzma format of OpenWrt's past",
};

/**
 * Refuse whatever is no squashfs 4.0 in little-endian, by its name where it has one.
 *
 * @throws ImageError SQUASHFS_NO_MAGIC, SQUASHFS_OLD_FORMAT, IMAGE_TRUNCATED
 * @see Linux include/uapi/linux/magic.h (SQUASHFS_MAGIC); the squashfs-lzma patch of OpenWrt 10.03 (SQUASHFS_MAGIC_LZMA)
 */
export function refuseOtherFormats(image: Uint8Array): void {
  const bytes = bytesAt(image, 'squashfs superblock');
  const magic = Buffer.from(bytes.slice(0, 4)).toString('latin1');
  const other = Object.hasOwn(OTHERS, magic) ? OTHERS[magic] : undefined;
  if (other !== undefined) throw oldFormat(other, LABEL[other] ?? other);
  if (magic !== MAGIC) {
    const found = Buffer.from(magic, 'latin1').toString('hex');
    throw new ImageError('SQUASHFS_NO_MAGIC', {
      message: `wanted a squashfs that begins with 68737173 "hsqs", found ${found}`,
      hint: 'see whether this is a squashfs at all',
      details: { found },
    });
  }
  const version = `${bytes.u16le(28)}.${bytes.u16le(30)}`;
  if (version !== '4.0') throw oldFormat(version, `version ${version}`);
}

function oldFormat(format: string, label: string): ImageError {
  return new ImageError('SQUASHFS_OLD_FORMAT', {
    message: `wanted squashfs 4.0, little-endian, found ${label}`,
    hint: 'take an image that an ImageBuilder of a present OpenWrt made',
    details: { format },
  });
}
