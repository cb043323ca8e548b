import { z } from 'zod';
import { invalidRecord, parseRecordJson } from './recorded-plan.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sizeBytes = z.int().nonnegative();

/** What a comparison needs; whatever else the document says is passed over. */
const schema = z.object({
  schema: z.literal('mape-image/build@1'),
  planId: sha256,
  image: z.object({
    // A bare name: it is joined to the record's folder.
    path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.,~+-]{0,250}$/),
    sha256,
    sha256Unsigned: sha256,
    sizeBytes,
    kernelBytes: sizeBytes.nullable(),
    rootfsBytes: sizeBytes.nullable(),
  }),
});

export type RecordedBuild = z.infer<typeof schema>;

/**
 * Parse the `build.json` of a record.
 *
 * @throws AttestError RECORD_INVALID
 */
export function parseRecordedBuild(content: string): RecordedBuild {
  const result = schema.safeParse(parseRecordJson(content, 'build.json'));
  if (result.success) return result.data;
  const place = result.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? '';
  throw invalidRecord('build.json', place || 'top', `another form at ${place || 'its top'}`, result.error);
}
