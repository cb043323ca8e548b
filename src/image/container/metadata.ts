import { z } from 'zod';
import type { Finding } from '../../errors.ts';
import type { FwtoolChunk } from '../fwtool.ts';
import { READ_LIMITS } from '../read-limits.ts';
import { metadataInvalid } from './findings.ts';
import type { ImageMetadata } from './types.ts';

/** u32 version and u32 flags, both zero, in front of the JSON. */
const HEADER_BYTES = 8;
const text = z.string().max(4096);
const texts = z.array(text).max(256);

/** OpenWrt's own data: what later releases add is passed over. */
const schema = z.object({
  metadata_version: text.optional(),
  compat_version: text.optional(),
  compat_message: text.optional(),
  supported_devices: texts.optional(),
  new_supported_devices: texts.optional(),
  version: z
    .object({
      dist: text.optional(),
      version: text.optional(),
      revision: text.optional(),
      target: text.optional(),
      board: text.optional(),
    })
    .optional(),
});

/**
 * Read the metadata of an image out of fwtool's chunks; of several the last counts, as for fwtool.
 *
 *    0 u32 0    4 u32 0    8 JSON, line feed
 *
 * @returns no metadata where there is none, or where a finding says why it cannot be read
 * @see OpenWrt include/image-commands.mk (metadata_json); openwrt/fwtool fwtool.c (extract_tail)
 */
export function parseMetadata(chunks: readonly FwtoolChunk[]): {
  readonly metadata: ImageMetadata | undefined;
  readonly findings: readonly Finding[];
} {
  const payload = chunks.filter(({ type }) => type === 'metadata').at(-1)?.payload;
  if (payload === undefined) return { metadata: undefined, findings: [] };
  if (payload.byteLength > READ_LIMITS.maxMetadataBytes)
    return invalid(`it has ${payload.byteLength} bytes, more than ${READ_LIMITS.maxMetadataBytes}`);
  const json = new TextDecoder().decode(payload.subarray(HEADER_BYTES)).trim();
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return invalid('it is no JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    return invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { data } = result;
  const legacyDevices = data.supported_devices ?? [];
  return {
    metadata: {
      metadataVersion: data.metadata_version,
      supportedDevices: data.new_supported_devices ?? legacyDevices,
      legacyDevices,
      compatVersion: data.compat_version,
      compatMessage: data.compat_message,
      dist: data.version?.dist,
      version: data.version?.version,
      revision: data.version?.revision,
      target: data.version?.target,
      board: data.version?.board,
      json,
    },
    findings: [],
  };
}

function invalid(reason: string): { readonly metadata: undefined; readonly findings: readonly Finding[] } {
  return { metadata: undefined, findings: [metadataInvalid(reason)] };
}
