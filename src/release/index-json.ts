import type { z } from 'zod';
import { ReleaseError } from './errors.ts';

/** Characters of the longest index that is read; `.overview.json` of a release has some 350,000. */
export const MAX_INDEX_CHARS = 16 * 1024 * 1024;

/**
 * Read one of the JSON documents a download server describes its releases with.
 *
 * @param document its name, for the message
 * @throws ReleaseError RELEASE_INDEX_INVALID
 */
export function parseIndexJson<T>(document: string, text: string, schema: z.ZodType<T>): T {
  if (text.length > MAX_INDEX_CHARS) throw invalidIndex(document, 'too-long', 'too much of it');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidIndex(document, 'no-json', 'text that is no JSON', cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.').slice(0, 200) ?? '';
  throw invalidIndex(document, `${place}: ${issue?.message ?? ''}`, `another form at ${place}`, result.error);
}

function invalidIndex(document: string, reason: string, found: string, cause?: unknown): ReleaseError {
  return new ReleaseError('RELEASE_INDEX_INVALID', {
    message: `wanted ${document} of an OpenWrt download server, found ${found}`,
    hint: 'check the mirror; a page to log in to a network may have answered in its place',
    details: { document, reason },
    cause,
  });
}
