import { z } from 'zod';
import { canonicalJson } from '../bytes/canonical-json.ts';
import { computeSha256 } from '../bytes/sha256.ts';
import { AttestError } from './errors.ts';

/** The lock of an image with 200 packages has some 40,000 characters. */
const MAX_CHARS = 8 * 1024 * 1024;
const MAX_PACKAGES = 20_000;

const text = z.string().min(1).max(500);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const texts = z.array(text).max(1000);

const settings = z.strictObject({
  profile: text.nullable(),
  release: text.nullable(),
  service: text.nullable(),
  line: text,
  dhcpv4: z.boolean(),
  timezone: text,
  add: texts,
  remove: texts,
});

const lockedPackage = z.strictObject({
  name: text,
  version: text,
  /** All three are null where nobody knows the file. */
  file: text.nullable(),
  sha256: sha256.nullable(),
  sizeBytes: z.int().nonnegative().nullable(),
});

const schema = z.strictObject({
  schema: z.literal('mape-image/lock@1'),
  program: z.strictObject({ name: z.literal('mape-image'), version: text }),
  config: z.strictObject({ sha256, settings }),
  profile: text,
  /** `24.10.8` */
  release: text,
  target: text,
  /** `r28959-29397011cc` */
  versionCode: text,
  packageManager: z.enum(['opkg', 'apk']),
  imagebuilder: z.strictObject({
    kind: z.enum(['archive', 'folder', 'container']),
    name: text,
    sha256,
    keyId: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .nullable(),
  }),
  repositories: texts,
  /** Sorted by name. */
  packages: z.array(lockedPackage).max(MAX_PACKAGES),
});

/**
 * All that a build takes from elsewhere: the ImageBuilder, its feeds, every package, the program, and the settings that
 * choose among them.
 */
export type Lock = z.infer<typeof schema>;
export type LockedSettings = Lock['config']['settings'];
export type LockedPackage = z.infer<typeof lockedPackage>;

/**
 * Parse a lock.
 *
 * @param name of the file, for the message
 * @throws AttestError LOCK_INVALID, also where the digest of the settings is not theirs or a package stands there twice
 */
export function parseLock(content: string, name: string): Lock {
  if (content.length > MAX_CHARS) throw invalidLock(name, 'too-long', 'too much text');
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw invalidLock(name, 'no-json', 'text that is no JSON', cause);
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const place = result.error.issues[0]?.path.map(String).join('.').slice(0, 200) ?? '';
    throw invalidLock(name, place || 'top', `another form at ${place || 'its top'}`, result.error);
  }
  const lock = result.data;
  if (computeSettingsDigest(lock.config.settings) !== lock.config.sha256)
    throw invalidLock(name, 'config.sha256', 'settings that are not those of config.sha256');
  const twice = lock.packages.find((one, at) => at > 0 && one.name <= (lock.packages[at - 1]?.name ?? ''));
  if (twice !== undefined) throw invalidLock(name, 'packages', `${twice.name} out of order or twice`);
  return lock;
}

/** SHA-256 of the canonical JSON of the settings. */
export function computeSettingsDigest(locked: LockedSettings): string {
  return computeSha256(canonicalJson(locked));
}

/** The lock as text: one line for each package, so that `diff` of two locks names the packages that differ and no more. */
export function renderLock(lock: Lock): string {
  const { packages, ...head } = lock;
  const lines = packages.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  const body = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  return `${body},\n  "packages": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`;
}

function invalidLock(file: string, place: string, found: string, cause?: unknown): AttestError {
  return new AttestError('LOCK_INVALID', {
    message: `wanted a lock of mape-image in ${file}, found ${found}`,
    hint: 'take it from where it was made, or make a new one with "mape-image lock --update"',
    details: { file, place, found },
    cause,
  });
}
