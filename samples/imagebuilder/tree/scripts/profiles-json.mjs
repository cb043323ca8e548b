/**
 * Merge the images of this build into profiles.json: node profiles-json.mjs FILE
 *
 * An older file of the same version_code is extended, not replaced: images of earlier builds stay listed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { KDIR, ARCH_PACKAGES, DEFAULT_PACKAGES, LINUX_VERSION, LINUX_VERMAGIC } = process.env;
const [path] = process.argv.slice(2);

const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map((key) => [key, sorted(value[key])]),
        )
      : value;

/** Metadata outside `profiles` comes from the images; images are unique by name. */
function merge(overview, { profiles, ...info }) {
  for (const [id, profile] of Object.entries(profiles)) {
    const images = [...(overview.profiles[id]?.images ?? []), ...profile.images];
    const byName = new Map(images.map((image) => [image.name, image]));
    profiles[id] = { ...profile, images: [...byName.keys()].sort().map((name) => byName.get(name)) };
  }
  return { ...info, profiles: { ...overview.profiles, ...profiles } };
}

const folder = join(KDIR, 'json_info_files');
const infos = existsSync(folder)
  ? readdirSync(folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  : [];

function update() {
  const old = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8') || '{}') : {};
  let overview = old.version_code === infos[0].version_code ? old : { profiles: {} };
  for (const info of infos) overview = merge(overview, info);
  overview.arch_packages = ARCH_PACKAGES;
  overview.default_packages = DEFAULT_PACKAGES.split(' ').sort();
  overview.linux_kernel = { release: '1', vermagic: LINUX_VERMAGIC, version: LINUX_VERSION };
  writeFileSync(path, JSON.stringify(sorted(overview)));
}

if (infos.length === 0) {
  console.log('JSON info file script could not find any JSON files for target');
} else {
  try {
    update();
  } catch (error) {
    // The words of the real builder's Python.
    console.error(
      error.code === 'ENOSPC' ? 'OSError: [Errno 28] No space left on device' : `OSError: ${error.message}`,
    );
    process.exitCode = 1;
  }
}
