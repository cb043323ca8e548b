import type { Details } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { hex, hex32, textAt } from './text-at.ts';

export const TPLINK_HEADER_BYTES = 512;

/** TP-Link's old header, in the words of this tool. */
export interface TplinkHeader {
  readonly kind: 'tplink-v1' | 'tplink-v2';
  /** Where the md5 stands in the header. */
  readonly md5At: number;
  /** 32 hexadecimal digits; `undefined` where the field was left empty. */
  readonly md5: string | undefined;
  /** What may have stood in the place of the md5 when it was taken. */
  readonly salts: readonly string[];
  readonly loadAddress: number;
  readonly entryAddress: number;
  readonly kernelOffset: number;
  readonly kernelBytes: number;
  readonly rootfsOffset: number;
  /** 0 where the root file system was put behind a finished kernel image. */
  readonly rootfsBytes: number;
  readonly detail: Details;
}

interface Form {
  readonly kind: TplinkHeader['kind'];
  readonly hardwareAt: number;
  readonly md5At: number;
  readonly loadAt: number;
  readonly firmwareVersion: readonly [offset: number, sizeBytes: number];
  readonly salts: readonly string[];
}

const V1: Form = {
  kind: 'tplink-v1',
  hardwareAt: 0x40,
  md5At: 0x4c,
  loadAt: 0x74,
  firmwareVersion: [0x1c, 36],
  salts: ['dcd73aa5c39598fbddf9e7f40eae4738', '8cef335bd5c5cefaa79c28dab2e90f42'],
};
const V2: Form = {
  kind: 'tplink-v2',
  hardwareAt: 0x34,
  md5At: 0x40,
  loadAt: 0x68,
  firmwareVersion: [0x04, 48],
  salts: ['dcd73aa5c39598fbdcf9e7f40eae4737', '8cef335fd5c5cefaac9c28dab2e90f42'],
};

/**
 * Read TP-Link's old header of 512 bytes; `undefined` where an image does not begin with one. Version 1 is told by the
 * vendor's name in it, versions 2 and 3 by two fixed fields.
 *
 *    version 1                                              versions 2 and 3
 *    0x00 u32 0x01000000     0x40 u32 hardware id           0x00 u32 0x02000000, 0x03000000    0x38 u32 hardware revision
 *    0x04 u8[24] vendor      0x44 u32 hardware revision     0x04 u8[48] firmware version       0x40 u8[16] md5
 *    0x1c u8[36] firmware    0x4c u8[16] md5                0x34 u32 hardware id               0x8c u16 0x55aa, u8[2], u8 0xa5
 *    from 0x74               load address, entry address, length in flash, kernel offset,      from 0x68
 *                            kernel length, rootfs offset, rootfs length (u32 each)
 *
 * All big-endian.
 *
 * @see openwrt/firmware-utils src/mktplinkfw.c, src/mktplinkfw2.c (struct fw_header)
 */
export function parseTplinkHeader(bytes: Uint8Array): TplinkHeader | undefined {
  const form = detectForm(bytes);
  if (form === undefined) return undefined;
  const read = bytesAt(bytes.subarray(0, TPLINK_HEADER_BYTES), 'TP-Link header');
  const { kind, hardwareAt, md5At, loadAt, firmwareVersion, salts } = form;
  const md5 = hex(read.slice(md5At, 16));
  return {
    kind,
    md5At,
    md5: /^(0+|f+)$/.test(md5) ? undefined : md5,
    salts,
    loadAddress: read.u32be(loadAt),
    entryAddress: read.u32be(loadAt + 4),
    kernelOffset: read.u32be(loadAt + 12),
    kernelBytes: read.u32be(loadAt + 16),
    rootfsOffset: read.u32be(loadAt + 20),
    rootfsBytes: read.u32be(loadAt + 24),
    detail: {
      ...(kind === 'tplink-v1' ? { vendor: textAt(bytes, 4, 24) } : {}),
      firmwareVersion: textAt(bytes, ...firmwareVersion),
      hardwareId: hex32(read.u32be(hardwareAt)),
      hardwareRevision: hex32(read.u32be(hardwareAt + 4)),
      flashBytes: read.u32be(loadAt + 8),
    },
  };
}

function detectForm(bytes: Uint8Array): Form | undefined {
  if (bytes.byteLength < TPLINK_HEADER_BYTES) return undefined;
  const read = bytesAt(bytes, 'TP-Link header');
  switch (read.u32be(0)) {
    case 0x01000000:
      return /^[ -~]{2,24}$/.test(textAt(bytes, 4, 24)) ? V1 : undefined;
    case 0x02000000:
    case 0x03000000:
      return read.u16be(0x8c) === 0x55aa && read.u8(0x90) === 0xa5 ? V2 : undefined;
    default:
      return undefined;
  }
}
