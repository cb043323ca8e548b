import { expect } from 'vitest';
import type { ImagePart, OpenedImage } from '../../src/image/container/types.ts';
import { ImageError } from '../../src/image/errors.ts';
import { openImage } from '../../src/image/open-image.ts';

/** Every byte exactly once, in order. */
export function expectCovered(parts: readonly ImagePart[], sizeBytes: number): void {
  let end = 0;
  for (const part of parts) {
    expect(part.offset, part.name).toBe(end);
    expect(part.sizeBytes, part.name).toBeGreaterThan(0);
    end += part.sizeBytes;
  }
  expect(end).toBe(sizeBytes);
}

/** Open an image and hold it to what is true of every one; its bytes stay as they are. */
export async function open(bytes: Uint8Array): Promise<OpenedImage> {
  const before = Buffer.from(bytes);
  const opened = await openImage(bytes);
  expect(before.equals(bytes)).toBe(true);
  expect(opened.sizeBytes).toBe(bytes.byteLength);
  expectCovered(opened.parts, bytes.byteLength);
  if (opened.unpacked !== undefined) expectCovered(opened.unpacked.parts, opened.unpacked.sizeBytes);
  return opened;
}

/** `[kind, offset, sizeBytes]` of each part. */
export const outline = (parts: readonly ImagePart[]): (readonly [string, number, number])[] =>
  parts.map(({ kind, offset, sizeBytes }) => [kind, offset, sizeBytes] as const);

export const codesOf = ({ findings }: OpenedImage): string[] => findings.map(({ code }) => code);

export async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    const { kind } = await openImage(bytes);
    return `opened as ${kind}`;
  } catch (error) {
    return error instanceof ImageError ? error.code : String(error);
  }
}
