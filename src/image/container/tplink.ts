import { createHash } from 'node:crypto';
import type { Finding } from '../../errors.ts';
import { bytesAt } from '../bytes-at.ts';
import { findFilesystemAt } from './filesystem-at.ts';
import { checksumWrong } from './findings.ts';
import { checkMarker } from './marker.ts';
import { findRootfs, takeRootfs } from './rootfs.ts';
import { linuxVersionOf } from './text-at.ts';
import { TPLINK_HEADER_BYTES, type TplinkHeader } from './tplink-header.ts';
import type { KernelInfo, Layout } from './types.ts';
import { isUimageAt, parseUimage } from './uimage.ts';

/** First bytes of a kernel as OpenWrt packs it: properties of LZMA (lc 1 or 3, lp 0 or 2, pb 2). */
const LZMA_PROPERTIES: readonly number[] = [0x5d, 0x6d];

/**
 * Lay out an image that begins with TP-Link's old header. Its md5 is that of the file with a salt in its place; where the
 * root file system was put behind a finished kernel image, that of header and kernel, or none at all.
 *
 * @param bytes without fwtool's chunks
 * @throws ImageError IMAGE_TRUNCATED
 * @see openwrt/firmware-utils src/mktplinkfw-lib.c (build_fw)
 */
export function openTplink(bytes: Uint8Array, header: TplinkHeader): Layout {
  const read = bytesAt(bytes, 'TP-Link image');
  const { kernelOffset, kernelBytes, rootfsOffset, rootfsBytes } = header;
  const data = read.slice(kernelOffset, kernelBytes);
  const kernelEnd = kernelOffset + kernelBytes;
  // The header may round the length of the root file system up: where the place ends is all it can say.
  read.slice(rootfsOffset, rootfsBytes);
  const placed =
    rootfsBytes === 0 ? undefined : findFilesystemAt(bytes, rootfsOffset, rootfsOffset + rootfsBytes);
  const found = placed === undefined ? findRootfs(bytes, kernelEnd) : takeRootfs(bytes, placed);
  const rootfsEnd = found === undefined ? undefined : found.rootfs.offset + found.rootfs.sizeBytes;
  return {
    kind: header.kind,
    parts: [
      {
        name: 'TP-Link header',
        kind: 'header',
        offset: 0,
        sizeBytes: TPLINK_HEADER_BYTES,
        detail: header.detail,
      },
      { name: 'kernel', kind: 'kernel', offset: kernelOffset, sizeBytes: kernelBytes },
      ...(found === undefined ? [] : [found.part]),
    ],
    kernel: describeKernel(data, header),
    rootfs: found?.rootfs,
    contentBytes: rootfsEnd,
    findings: [...checkMd5(bytes, header), ...(found === undefined ? [] : checkMarker(bytes, found.rootfs))],
  };
}

function describeKernel(data: Uint8Array, header: TplinkHeader): KernelInfo {
  const inner = isUimageAt(data, 0) ? parseUimage(data, 0).kernel : undefined;
  const name = inner?.name;
  return {
    format: header.kind,
    offset: 0,
    sizeBytes: header.kernelOffset + header.kernelBytes,
    name,
    linuxVersion: name === undefined ? undefined : linuxVersionOf(name),
    os: inner?.os,
    architecture: inner?.architecture,
    compression: inner?.compression ?? (LZMA_PROPERTIES.includes(data[0] ?? 0) ? 'lzma' : undefined),
    builtAtSec: inner?.builtAtSec,
    loadAddress: header.loadAddress,
    entryAddress: header.entryAddress,
  };
}

function checkMd5(bytes: Uint8Array, header: TplinkHeader): Finding[] {
  const { md5, md5At, salts, kernelOffset, kernelBytes } = header;
  if (md5 === undefined) return [];
  const ends = [bytes.byteLength, kernelOffset + kernelBytes];
  const found = ends.flatMap((end) => salts.map((salt) => saltedMd5(bytes.subarray(0, end), md5At, salt)));
  return found.includes(md5) ? [] : [checksumWrong('TP-Link image', 'md5', md5, found[0] ?? '')];
}

function saltedMd5(bytes: Uint8Array, md5At: number, salt: string): string {
  return createHash('md5')
    .update(bytes.subarray(0, md5At))
    .update(salt, 'hex')
    .update(bytes.subarray(md5At + 16))
    .digest('hex');
}
