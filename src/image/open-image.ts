import { coverBytes } from './container/cover.ts';
import { openDisk } from './container/disk.ts';
import { signatureUnreadable } from './container/findings.ts';
import { isFitAt } from './container/fit.ts';
import { openFlat } from './container/flat.ts';
import { isGzip, unpackGzip } from './container/gzip.ts';
import { parseMbr } from './container/mbr.ts';
import { parseMetadata } from './container/metadata.ts';
import { isSafeloaderFactory, openSafeloader } from './container/safeloader.ts';
import { parseSignature } from './container/signature.ts';
import { openSysupgradeTar } from './container/sysupgrade-tar.ts';
import { isTar } from './container/tar.ts';
import { openTplink } from './container/tplink.ts';
import { parseTplinkHeader } from './container/tplink-header.ts';
import type { ImageMetadata, ImagePart, Layout, OpenedImage } from './container/types.ts';
import { openUbi } from './container/ubi.ts';
import { isUimageAt } from './container/uimage.ts';
import { type FwtoolChunk, readFwtool } from './fwtool.ts';
import { READ_LIMITS } from './read-limits.ts';

const FWTOOL_TRAILER_BYTES = 16;

export interface OpenImageOptions {
  /** What a compressed image may unpack to. */
  readonly maxUnpackedBytes?: number;
}

/**
 * Lay out an OpenWrt image of any kind: name its container and every part of it, and find kernel, root file system,
 * metadata and signatures. Checksums that are wrong are findings, so that the rest can still be shown; where the structure
 * itself is damaged, nothing can.
 *
 * @param bytes the whole file; the result holds views into it
 * @throws ImageError IMAGE_UNKNOWN, IMAGE_MALFORMED, IMAGE_OVERLAP, IMAGE_TOO_MUCH, IMAGE_GZIP_DAMAGED,
 * IMAGE_TRUNCATED, FWTOOL_BAD_SIZE, FWTOOL_BAD_TYPE, FWTOOL_TOO_MANY
 */
export async function openImage(bytes: Uint8Array, options: OpenImageOptions = {}): Promise<OpenedImage> {
  const { bodyBytes, chunks, damage } = readFwtool(bytes);
  const body = bytes.subarray(0, bodyBytes);
  const { metadata, findings: metadataFindings } = parseMetadata(chunks);
  const signed = chunks.filter(({ type }) => type === 'signature');
  const signatures = signed.map(({ payload }) => parseSignature(payload));
  const maxBytes = options.maxUnpackedBytes ?? READ_LIMITS.maxUnpackedBytes;
  const layout = isGzip(body) ? await openGzip(body, metadata, maxBytes) : openBody(body, metadata);
  const cover = coverBytes(body, layout.parts, layout.gap);
  return {
    kind: layout.kind,
    sizeBytes: bytes.byteLength,
    parts: [...cover.parts, ...chunks.map(chunkPart)],
    unpacked: layout.unpacked,
    kernel: layout.kernel,
    rootfs: layout.rootfs,
    contentBytes: layout.contentBytes,
    metadata,
    signatures,
    findings: [
      ...(damage === undefined ? [] : [damage]),
      ...metadataFindings,
      ...layout.findings,
      ...cover.findings,
      ...signed.flatMap(({ offset }, index) =>
        signatures[index]?.format === 'unknown' ? [signatureUnreadable(offset)] : [],
      ),
    ],
  };
}

/** By the strongest mark first: a header at a place of its own, then what may begin any file. */
function openBody(body: Uint8Array, metadata: ImageMetadata | undefined): Layout {
  if (isSafeloaderFactory(body)) return openSafeloader(body);
  if (isTar(body)) return openSysupgradeTar(body);
  const tplink = parseTplinkHeader(body);
  if (tplink !== undefined) return openTplink(body, tplink);
  // A kernel may have anything where a disk has its table.
  const mbr = isUimageAt(body, 0) || isFitAt(body, 0) ? undefined : parseMbr(body);
  if (mbr !== undefined) return openDisk(body, mbr);
  return openUbi(body) ?? openFlat(body, metadata);
}

/** What a gzip file holds is laid out on its own; a gzip file in it is not opened again. */
async function openGzip(
  body: Uint8Array,
  metadata: ImageMetadata | undefined,
  maxBytes: number,
): Promise<Layout> {
  const { bytes, name, headerBytes, sizeBytes, findings } = await unpackGzip(body, maxBytes);
  const inner = openBody(bytes, metadata);
  const cover = coverBytes(bytes, inner.parts, inner.gap);
  return {
    kind: inner.kind,
    parts: [
      {
        name: 'gzip header',
        kind: 'header',
        offset: 0,
        sizeBytes: headerBytes,
        ...(name === undefined ? {} : { detail: { name } }),
      },
      {
        name: 'gzip data',
        kind: 'compressed',
        offset: headerBytes,
        sizeBytes: sizeBytes - headerBytes,
        detail: { unpackedBytes: bytes.byteLength },
      },
    ],
    kernel: inner.kernel,
    rootfs: inner.rootfs,
    contentBytes: inner.contentBytes,
    findings: [...findings, ...inner.findings, ...cover.findings],
    unpacked: { format: 'gzip', sizeBytes: bytes.byteLength, parts: cover.parts },
  };
}

function chunkPart({ type, offset, payload }: FwtoolChunk): ImagePart {
  return { name: `fwtool ${type}`, kind: type, offset, sizeBytes: payload.byteLength + FWTOOL_TRAILER_BYTES };
}
