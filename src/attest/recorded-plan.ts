import { z } from 'zod';
import type { JsonValue } from '../bytes/canonical-json.ts';
import { computePlanId } from '../plan/compute-plan.ts';
import type { PlannedEntry } from '../plan/plan.ts';
import { AttestError } from './errors.ts';

const MAX_CHARS = 16 * 1024 * 1024;
/**
 * Files with a secret: to check each against an image takes 16 MiB and some 50 ms of scrypt. Settings may name 256 files of
 * the user's own, and some of ours hold secrets.
 */
const MAX_SECRETS = 264;

const text = z.string().min(1).max(4096);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const mode = z.string().regex(/^[0-7]{4}$/);

const entry = z.union([
  z.strictObject({ path: text, type: z.literal('directory'), mode }),
  z.strictObject({ path: text, type: z.literal('symlink'), target: text }),
  z.strictObject({ path: text, type: z.literal('file'), mode, sizeBytes: z.int().nonnegative(), sha256 }),
  z.strictObject({ path: text, type: z.literal('file'), mode, scrypt: sha256 }),
  z.strictObject({ path: text, type: z.literal('plan-id'), mode }),
]);

/** The members that a build executes; the others are there for the id alone. */
const schema = z.looseObject({
  schema: z.literal('mape-image/plan@1'),
  id: sha256,
  program: z.strictObject({ name: z.literal('mape-image'), version: text }),
  profile: text,
  series: text,
  imagebuilder: z.strictObject({
    version: text,
    target: text,
    revision: text,
    packageManager: z.enum(['opkg', 'apk']),
  }),
  packages: z.array(text).max(10_000),
  overlay: z.array(entry).max(100_000),
});

/** A plan as a record of a build keeps it, of any version of this program. */
export interface RecordedPlan {
  readonly id: string;
  readonly programVersion: string;
  readonly profile: string;
  readonly version: string;
  readonly target: string;
  readonly revision: string;
  readonly packages: readonly string[];
  readonly overlay: readonly (Exclude<PlannedEntry, { sha256: unknown }> | RecordedFile)[];
}

interface RecordedFile {
  readonly path: string;
  readonly type: 'file';
  readonly mode: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Parse the plan of a record; its id has to be the digest of all the rest.
 *
 * @throws AttestError RECORD_INVALID
 */
export function parseRecordedPlan(content: string): RecordedPlan {
  const value = parseRecordJson(content, 'plan.json');
  const result = schema.safeParse(value);
  if (!result.success) {
    const place = result.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? '';
    throw invalidRecord('plan.json', place || 'top', `another form at ${place || 'its top'}`, result.error);
  }
  const { id, ...body } = result.data;
  if (digestOf(body) !== id)
    throw invalidRecord('plan.json', 'id', 'an id that is not the digest of the rest');
  const { profile, packages, overlay, imagebuilder, program } = result.data;
  const secrets = overlay.filter((planned) => 'scrypt' in planned).length;
  if (secrets > MAX_SECRETS)
    throw invalidRecord(
      'plan.json',
      'too-many-secrets',
      `${secrets} files with secrets, more than ${MAX_SECRETS}`,
    );
  const { version, target, revision } = imagebuilder;
  return { id, programVersion: program.version, profile, version, target, revision, packages, overlay };
}

/**
 * @throws AttestError RECORD_INVALID for text that is too long or no JSON
 */
export function parseRecordJson(content: string, file: string): JsonValue {
  if (content.length > MAX_CHARS) throw invalidRecord(file, 'too-long', 'too much text');
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw invalidRecord(file, 'no-json', 'text that is no JSON', cause);
  }
}

/** An error for a file of a record. */
export function invalidRecord(file: string, place: string, found: string, cause?: unknown): AttestError {
  return new AttestError('RECORD_INVALID', {
    message: `wanted ${file} as mape-image wrote it, found ${found}`,
    hint: 'take the record from where it was made',
    details: { file, place, found },
    cause,
  });
}

/** `undefined` where it cannot be: a number that is none in canonical JSON. */
function digestOf(body: object): string | undefined {
  try {
    return computePlanId(body);
  } catch {
    return undefined;
  }
}
