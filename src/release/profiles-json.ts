import { z } from 'zod';
import { ReleaseError } from './errors.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** No path: the name is joined to a folder. */
const fileName = z.string().regex(/^[^./\0-\x1f][^/\0-\x1f]*$/);

const image = z.object({
  type: z.string(),
  name: fileName,
  filesystem: z.string().optional(),
  sha256,
  /** From 22.03 on; without a trailing signature. */
  sha256_unsigned: sha256.optional(),
  /** From 25.12 on. */
  size: z.int().nonnegative().optional(),
});

const schema = z.object({
  metadata_version: z.literal(1),
  target: z.string(),
  version_code: z.string(),
  version_number: z.string(),
  arch_packages: z.string(),
  default_packages: z.array(z.string()),
  /** Text in 21.02. */
  source_date_epoch: z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
  profiles: z.record(
    z.string(),
    z.object({
      device_packages: z.array(z.string()),
      image_prefix: z.string(),
      images: z.array(image),
      supported_devices: z.array(z.string()),
      /** From 25.12 on, in bytes. */
      file_size_limits: z.record(z.string(), z.int().nonnegative()).optional(),
    }),
  ),
});

export type ProfilesJson = z.infer<typeof schema>;
export type ProfilesJsonImage = z.infer<typeof image>;

/**
 * Parse a `profiles.json`, of an ImageBuilder run or of the download server, of any release from 19.07 on. Members that
 * one release has and another lacks (`linux_kernel`, `git_commit`, `titles`, ...) are passed over.
 *
 * @throws ReleaseError PROFILES_JSON_INVALID
 * @see OpenWrt scripts/json_add_image_info.py, scripts/json_overview_image_info.py
 */
export function parseProfilesJson(text: string): ProfilesJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('text that is no JSON', cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, result.error);
}

function invalid(reason: string, cause: unknown): ReleaseError {
  return new ReleaseError('PROFILES_JSON_INVALID', {
    message: `wanted a profiles.json of OpenWrt, found ${reason}`,
    hint: 'see the log of the build; report this where the ImageBuilder is an official one',
    details: { reason },
    cause,
  });
}
