import { join } from 'node:path';
import { computeSha256 } from '../../bytes/sha256.ts';
import { stripSignature } from '../../image/fwtool.ts';
import type { Ports } from '../../io/ports.ts';
import { containerMode } from '../../overlay/file-tree.ts';
import type { BuildRequest, BuiltImage } from '../types.ts';
import { digestError, renderDeliveredProfilesJson, type Verdict } from './verdict.ts';

export type Delivered = Omit<
  BuiltImage,
  'installed' | 'packageFiles' | 'kernelBytes' | 'rootfsBytes' | 'logPath' | 'durationMs'
>;

/**
 * Copy what was judged good out of the folder of the build: the image without its signature, the manifest, profiles.json
 * and the ImageBuilder's own list of components.
 *
 * Trees up to 24.10 sign with a random key of their own: no router trusts it and it makes equal builds differ, so it is
 * taken off, and what stays has to be what the ImageBuilder recorded as unsigned (from 22.03 on).
 *
 * @throws BuilderError IMAGE_DIGEST_MISMATCH; ImageError FWTOOL_*; IoError DISK_FULL
 * @see OpenWrt include/image-commands.mk (append-metadata), scripts/json_add_image_info.py (sha256_unsigned)
 */
export async function deliver(
  ports: Ports,
  verdict: Verdict,
  binDir: string,
  { outputDir, overlay }: Pick<BuildRequest, 'outputDir' | 'overlay'>,
): Promise<Delivered> {
  const { image, imagePath, manifestName, bomName } = verdict;
  const { bytes, stripped } = stripSignature(await ports.files.readFile(imagePath));
  // The verdict has just hashed the whole file.
  const sha256 = stripped ? computeSha256(bytes) : image.sha256;
  const recorded = image.sha256_unsigned ?? (stripped ? undefined : image.sha256);
  if (recorded !== undefined && recorded !== sha256) throw digestError(image.name, recorded, sha256);
  if (stripped) ports.reporter.step('stripped-signature');

  const out = (name: string) => join(outputDir, name);
  await ports.files.writeFile(out(image.name), bytes, containerMode(overlay));
  await ports.files.copyFile(join(binDir, manifestName), out(manifestName));
  const sizeBytes = bytes.byteLength;
  const profilesJson = renderDeliveredProfilesJson(verdict.profilesJsonText, {
    name: image.name,
    sha256,
    sizeBytes,
  });
  await ports.files.writeFile(out('profiles.json'), profilesJson);
  if (bomName !== undefined) await ports.files.copyFile(join(binDir, bomName), out(bomName));
  return {
    imagePath: out(image.name),
    imageName: image.name,
    imageType: image.type,
    sha256,
    sha256Unsigned: sha256,
    sizeBytes,
    manifestPath: out(manifestName),
    profilesJsonPath: out('profiles.json'),
    bomPath: bomName === undefined ? undefined : out(bomName),
  };
}
