import type { Finding } from '../../errors.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { unknownBytes } from './findings.ts';
import { cutOff, overlap } from './refuse.ts';
import type { ImagePart } from './types.ts';

/** The mark at which OpenWrt begins the writable part. @see OpenWrt fstools libfstools/mtd.c (deadc0de) */
const MARKER = [0xde, 0xad, 0xc0, 0xde] as const;
const MARKER_BYTES = MARKER.length;

export interface Cover {
  readonly parts: readonly ImagePart[];
  readonly findings: readonly Finding[];
}

/**
 * Put parts in order and name what lies between them, so that every byte belongs to exactly one: runs of ff and 00 are
 * padding, `deadc0de` is a marker, all else is unknown and reported.
 *
 * @param gap what bytes between the parts are where the format leaves them unnamed
 * @throws ImageError IMAGE_TRUNCATED where a part ends behind the bytes, IMAGE_OVERLAP where two share a byte
 */
export function coverBytes(bytes: Uint8Array, given: readonly ImagePart[], gap?: 'boot'): Cover {
  const sorted = given.filter(({ sizeBytes }) => sizeBytes > 0).sort((a, b) => a.offset - b.offset);
  const parts: ImagePart[] = [];
  let end = 0;
  for (const part of sorted) {
    const before = parts.at(-1);
    if (part.offset < end) throw overlap(before?.name ?? '', part.name, part.offset);
    if (part.offset + part.sizeBytes > bytes.byteLength)
      throw cutOff(part.name, part.offset, part.sizeBytes, bytes.byteLength);
    parts.push(...splitGap(bytes, end, part.offset, gap), part);
    end = part.offset + part.sizeBytes;
  }
  parts.push(...splitGap(bytes, end, bytes.byteLength, gap));
  const findings = parts
    .filter(({ kind }) => kind === 'unknown')
    .map(({ offset, sizeBytes }) => unknownBytes(offset, sizeBytes));
  return { parts, findings };
}

/** Whether the mark stands at an offset. */
export function isMarkerAt(bytes: Uint8Array, offset: number): boolean {
  return MARKER.every((value, index) => bytes[offset + index] === value);
}

/** The first byte from `offset` on that is neither ff nor 00; `to` where there is none. */
export function skipPadding(bytes: Uint8Array, offset: number, to = bytes.byteLength): number {
  let at = offset;
  while (at < to && (bytes[at] === 0xff || bytes[at] === 0)) at += 1;
  return at;
}

function splitGap(bytes: Uint8Array, from: number, to: number, gap: 'boot' | undefined): ImagePart[] {
  const parts: ImagePart[] = [];
  let at = from;
  let markers = 0;
  while (at < to) {
    const padded = skipPadding(bytes, at, to);
    if (padded > at) {
      parts.push({ name: 'padding', kind: 'padding', offset: at, sizeBytes: padded - at });
      at = padded;
    } else if (at + MARKER_BYTES <= to && markers < READ_LIMITS.maxMarkers && isMarkerAt(bytes, at)) {
      parts.push({ name: 'deadc0de', kind: 'marker', offset: at, sizeBytes: MARKER_BYTES });
      at += MARKER_BYTES;
      markers += 1;
    } else {
      const end = trimPadding(bytes, at, to);
      parts.push({ name: gap ?? 'unknown', kind: gap ?? 'unknown', offset: at, sizeBytes: end - at });
      at = end;
    }
  }
  return parts;
}

/** Where what begins at `from` ends, without the padding behind it. */
function trimPadding(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (bytes[end - 1] === 0xff || bytes[end - 1] === 0)) end -= 1;
  return end;
}
