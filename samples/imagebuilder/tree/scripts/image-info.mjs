/** Describe one image for profiles.json: node image-info.mjs FILE TYPE DEVICE IMAGE_PREFIX */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const { TOPDIR, KDIR, PACKAGE_MANAGER, VERSION_NUMBER, REVISION, BOARD, SUBTARGET } = process.env;
const [path, type, device, prefix] = process.argv.slice(2);

function describe() {
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const unsigned = existsSync(`${path}.sha256sum`)
    ? readFileSync(`${path}.sha256sum`, 'utf8').trim()
    : sha256;
  const profile = JSON.parse(readFileSync(join(TOPDIR, 'target/linux/ath79/profiles.json'), 'utf8')).find(
    ({ id }) => id === device,
  );
  // apk releases tell sizes as well.
  const isNew = PACKAGE_MANAGER === 'apk';
  return {
    metadata_version: 1,
    target: `${BOARD}/${SUBTARGET}`,
    version_code: REVISION,
    version_number: VERSION_NUMBER,
    source_date_epoch: Number(process.env.SOURCE_DATE_EPOCH),
    profiles: {
      [device]: {
        device_packages: profile.packages,
        ...(isNew ? { file_size_limits: { image: profile.imageSize } } : {}),
        image_prefix: prefix,
        images: [
          {
            filesystem: 'squashfs',
            name: basename(path),
            sha256,
            sha256_unsigned: unsigned,
            ...(isNew ? { size: bytes.length } : {}),
            type,
          },
        ],
        supported_devices: ['sample,not-a-router'],
        titles: profile.titles,
      },
    },
  };
}

if (existsSync(path))
  writeFileSync(join(KDIR, 'json_info_files', `${basename(path)}.json`), JSON.stringify(describe()));
else console.log(`Skip JSON creation for non existing file ${path}`);
