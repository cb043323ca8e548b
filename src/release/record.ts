import { z } from 'zod';
import { parseSha256 } from '../bytes/sha256.ts';
import { ReleaseError } from './errors.ts';
import { isReleaseName } from './release-name.ts';
import { isTargetName } from './target.ts';

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform(parseSha256);
const text = z.string().min(1).max(300);

const target = z.string().refine(isTargetName);

const schema = z.strictObject({
  schema: z.literal('mape-image/imagebuilder@1'),
  release: z.string().refine(isReleaseName),
  target,
  /** `r28959-29397011cc`, where the server says it. */
  revision: text.nullable(),
  name: text,
  sha256,
  sizeBytes: z.int().nonnegative(),
  /** Digests of `sha256sums` and of its signature, which are kept so that both can be verified again without a network. */
  sums: sha256,
  signature: sha256,
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  url: text,
  /** Devices of the target, with the other targets of the release that have one of the same id. */
  profiles: z
    .array(
      z.strictObject({
        id: text,
        titles: z.array(z.string().max(1000)).max(100),
        alsoIn: z.array(target).max(1000),
      }),
    )
    .max(50_000),
});

/** What is known of an ImageBuilder in the cache: enough to find and to verify it again without a network. */
export type ImageBuilderRecord = z.infer<typeof schema>;

/**
 * Parse the record of an ImageBuilder in the cache.
 *
 * @throws ReleaseError CACHE_RECORD_INVALID
 */
export function parseImageBuilderRecord(content: string): ImageBuilderRecord {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw invalidRecord('no-json', 'text that is no JSON', cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const place = result.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? '';
  throw invalidRecord(place, `another form at ${place === '' ? 'its top' : place}`, result.error);
}

function invalidRecord(reason: string, found: string, cause: unknown): ReleaseError {
  return new ReleaseError('CACHE_RECORD_INVALID', {
    message: `wanted the record of an ImageBuilder, found ${found}`,
    hint: 'run "mape-image cache verify --fix", then fetch it again',
    details: { reason },
    cause,
  });
}
