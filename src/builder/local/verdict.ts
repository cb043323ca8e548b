import { join } from 'node:path';
import type { Ports } from '../../io/ports.ts';
import { parseManifest } from '../../release/manifest.ts';
import { type ProfilesJson, type ProfilesJsonImage, parseProfilesJson } from '../../release/profiles-json.ts';
import { BuilderError } from '../errors.ts';

/** What `make image` left in its folder, held against its own profiles.json. */
export interface Verdict {
  readonly image: ProfilesJsonImage;
  readonly imagePath: string;
  readonly profilesJsonText: string;
  readonly manifestName: string;
  readonly installed: ReadonlyMap<string, string>;
  readonly bomName: string | undefined;
}

/** Types of image that a running OpenWrt can be upgraded with, the fitting one first: disk-like targets have no `sysupgrade`. */
const TYPES = ['sysupgrade', 'combined-efi', 'combined', 'sdcard', 'emmc'] as const;
const FILESYSTEMS = ['squashfs', 'ext4'] as const;

/**
 * Judge a build that ended with exit code 0, which proves nothing: the folder was empty before, so what profiles.json
 * lists now is fresh; the image has to be there with the digest it gives.
 *
 * @param binDir the folder given as `BIN_DIR`, empty before the build
 * @returns undefined where there is no image for the profile
 * @throws BuilderError IMAGE_DIGEST_MISMATCH, ESSENTIAL_PACKAGE_MISSING; ReleaseError PROFILES_JSON_INVALID, MANIFEST_INVALID
 * @see OpenWrt scripts/json_overview_image_info.py
 */
export async function readVerdict(
  ports: Ports,
  binDir: string,
  profile: string,
): Promise<Verdict | undefined> {
  const names = (await ports.files.kind(binDir)) === 'directory' ? await ports.files.list(binDir) : [];
  if (!names.includes('profiles.json')) return undefined;
  const profilesJsonText = await ports.files.readText(join(binDir, 'profiles.json'));
  const image = chooseImage(parseProfilesJson(profilesJsonText), profile);
  if (image === undefined || !names.includes(image.name)) return undefined;

  const imagePath = join(binDir, image.name);
  const sha256 = await ports.files.sha256(imagePath);
  if (sha256 !== image.sha256) throw digestError(image.name, image.sha256, sha256);

  const manifestName = names.find((name) => name.endsWith('.manifest')) ?? '';
  const installed = parseManifest(
    manifestName === '' ? '' : await ports.files.readText(join(binDir, manifestName)),
  );
  checkEssential(installed);
  return {
    image,
    imagePath,
    profilesJsonText,
    manifestName,
    installed,
    bomName: names.find((name) => name.endsWith('.bom.cdx.json')),
  };
}

/** The image of a profile to upgrade a running OpenWrt with. */
export function chooseImage(overview: ProfilesJson, profile: string): ProfilesJsonImage | undefined {
  const images = Object.hasOwn(overview.profiles, profile) ? (overview.profiles[profile]?.images ?? []) : [];
  for (const type of TYPES) {
    const ofType = images.filter((image) => image.type === type);
    for (const filesystem of FILESYSTEMS) {
      const found = ofType.find((image) => image.filesystem === filesystem);
      if (found !== undefined) return found;
    }
    if (ofType[0] !== undefined) return ofType[0];
  }
  return undefined;
}

/**
 * A profiles.json that speaks of one image alone, the one delivered, with the digest and the size that has.
 *
 * @param text as the ImageBuilder wrote it, accepted before
 */
export function renderDeliveredProfilesJson(
  text: string,
  delivered: { readonly name: string; readonly sha256: string; readonly sizeBytes: number },
): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) => {
    if (key !== 'images' || !Array.isArray(value)) return value;
    return value
      .filter((image) => isNamed(image, delivered.name))
      .map((image) => ({
        ...image,
        sha256: delivered.sha256,
        ...('sha256_unsigned' in image ? { sha256_unsigned: delivered.sha256 } : {}),
        ...('size' in image ? { size: delivered.sizeBytes } : {}),
      }));
  });
}

function isNamed(value: unknown, name: string): value is { readonly name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name;
}

/** Without it nothing boots, and `make image` says nothing when a `-base-files` took it away. */
function checkEssential(installed: ReadonlyMap<string, string>): void {
  if (installed.has('base-files')) return;
  throw new BuilderError('ESSENTIAL_PACKAGE_MISSING', {
    message: 'wanted base-files in the image, found it left out',
    hint: 'do not remove it: a router cannot boot without',
    details: { package: 'base-files' },
  });
}

/** @throws nothing; for a caller that found other bytes than the ImageBuilder recorded */
export function digestError(name: string, wanted: string, found: string): BuilderError {
  return new BuilderError('IMAGE_DIGEST_MISMATCH', {
    message: `wanted sha256 ${wanted} for ${name}, found ${found}`,
    hint: 'do not flash it; the disk or another program changed it after it was built: build again',
    details: { name, wanted, found },
  });
}
