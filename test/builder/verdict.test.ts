import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deliver } from '../../src/builder/local/deliver.ts';
import { chooseImage, readVerdict, renderDeliveredProfilesJson } from '../../src/builder/local/verdict.ts';
import { computeCrc32 } from '../../src/image/crc32.ts';
import { parseProfilesJson } from '../../src/release/profiles-json.ts';
import { codeOf, createTempDir, createTestPorts } from '../io/ports.ts';
import { fixturePath, readFixture } from '../support/fixtures.ts';

const C6 = 'tplink_archer-c6-v2';
const ports = createTestPorts();
const overview = JSON.parse(readFixture('release/profiles/ib-24.10.4-archer-c6-v2.json'));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const NAME = 'openwrt-24.10.4-ath79-generic-tplink_archer-c6-v2-squashfs-sysupgrade.bin';

interface Output {
  readonly image?: Uint8Array;
  readonly digest?: string;
  readonly unsigned?: string | undefined;
  readonly manifest?: string;
}

/** A folder as `make image` leaves it. */
function makeBinDir({
  image = Buffer.from('image'),
  digest,
  unsigned,
  manifest = 'base-files - 1\nmap - 7\n',
}: Output): string {
  const dir = join(createTempDir(), 'bin');
  mkdirSync(dir);
  const entry = { type: 'sysupgrade', filesystem: 'squashfs', name: NAME, sha256: digest ?? sha256(image) };
  const images = [
    ...overview.profiles[C6].images.slice(0, 1),
    { ...entry, ...(unsigned === undefined ? {} : { sha256_unsigned: unsigned }) },
  ];
  const profiles = { [C6]: { ...overview.profiles[C6], images } };
  writeFileSync(join(dir, 'profiles.json'), JSON.stringify({ ...overview, profiles }));
  writeFileSync(join(dir, NAME), image);
  writeFileSync(join(dir, 'x.manifest'), manifest);
  return dir;
}

/** An image with a signature chunk as trees up to 24.10 append it, and the same without. */
function makeSigned(): { signed: Buffer; unsigned: Buffer } {
  const unsigned = Buffer.from('kernel and root file system');
  const payload = readFileSync(fixturePath('image/signature-chunk.bin')).subarray(0, -16);
  const trailer = Buffer.alloc(16);
  trailer.write('FWx0', 'latin1');
  trailer.writeUInt32BE(~computeCrc32(Buffer.concat([unsigned, payload])) >>> 0, 4);
  trailer.writeUInt32BE(payload.length + 16, 12);
  return { unsigned, signed: Buffer.concat([unsigned, payload, trailer]) };
}

describe('readVerdict', () => {
  it('accepts an image that is there with its digest', async () => {
    const dir = makeBinDir({});
    const verdict = await readVerdict(ports, dir, C6);
    expect(verdict).toMatchObject({
      imagePath: join(dir, NAME),
      manifestName: 'x.manifest',
      bomName: undefined,
    });
    expect(verdict?.installed.get('map')).toBe('7');
  });

  it('finds no image for another profile, in an empty folder and where there is none', async () => {
    expect(await readVerdict(ports, makeBinDir({}), 'other')).toBeUndefined();
    expect(await readVerdict(ports, makeBinDir({}), 'constructor')).toBeUndefined();
    expect(await readVerdict(ports, createTempDir(), C6)).toBeUndefined();
    expect(await readVerdict(ports, '/nonexistent', C6)).toBeUndefined();
  });

  it.each<[string, Output, string]>([
    ['other bytes than recorded', { digest: sha256(Buffer.from('other')) }, 'IMAGE_DIGEST_MISMATCH'],
    ['an image without base-files', { manifest: 'map - 7\n' }, 'ESSENTIAL_PACKAGE_MISSING'],
    ['an empty manifest', { manifest: '' }, 'MANIFEST_INVALID'],
  ])('refuses %s', async (_, output, code) => {
    expect(await codeOf(readVerdict(ports, makeBinDir(output), C6))).toBe(code);
  });
});

describe('chooseImage', () => {
  const withImages = (images: readonly object[]) =>
    parseProfilesJson(
      JSON.stringify({ ...overview, profiles: { [C6]: { ...overview.profiles[C6], images } } }),
    );
  const image = (type: string, filesystem?: string) => ({
    type,
    filesystem,
    name: `${type}-${filesystem}`,
    sha256: '0'.repeat(64),
  });
  it.each([
    [
      'sysupgrade before factory',
      [image('factory', 'squashfs'), image('sysupgrade', 'squashfs')],
      'sysupgrade-squashfs',
    ],
    [
      'squashfs before ext4, with EFI before without',
      [image('combined', 'squashfs'), image('combined-efi', 'ext4'), image('combined-efi', 'squashfs')],
      'combined-efi-squashfs',
    ],
    ['a card image where there is nothing else', [image('kernel'), image('sdcard', 'ext4')], 'sdcard-ext4'],
    [
      'nothing among factory, kernel and rootfs',
      [image('factory', 'squashfs'), image('kernel'), image('rootfs', 'squashfs')],
      undefined,
    ],
  ])('%s', (_, images, name) => expect(chooseImage(withImages(images), C6)?.name).toBe(name));
});

describe('deliver', () => {
  const run = async (output: Output) => {
    const dir = makeBinDir(output);
    const verdict = await readVerdict(ports, dir, C6);
    if (verdict === undefined) throw new TypeError('no verdict');
    const out = createTempDir();
    return { out, delivered: await deliver(ports, verdict, dir, { outputDir: out, overlay: new Map() }) };
  };

  it('takes the signature off and proves the rest by the digest recorded for it', async () => {
    const { signed, unsigned } = makeSigned();
    const { delivered } = await run({ image: signed, unsigned: sha256(unsigned) });
    expect(readFileSync(delivered.imagePath).equals(unsigned)).toBe(true);
    expect(delivered).toMatchObject({
      sha256: sha256(unsigned),
      sha256Unsigned: sha256(unsigned),
      sizeBytes: unsigned.length,
    });
  });

  it('takes it off where no such digest is recorded, as in 21.02', async () => {
    const { signed, unsigned } = makeSigned();
    const { delivered } = await run({ image: signed });
    expect(delivered.sha256).toBe(sha256(unsigned));
  });

  it('refuses an image whose rest is not what was recorded', async () => {
    const { signed } = makeSigned();
    expect(await codeOf(run({ image: signed, unsigned: sha256(Buffer.from('other')) }))).toBe(
      'IMAGE_DIGEST_MISMATCH',
    );
  });

  it('writes a profiles.json of this image alone, with the digest it has now', async () => {
    const { signed, unsigned } = makeSigned();
    const { delivered } = await run({ image: signed, unsigned: sha256(unsigned) });
    const written = parseProfilesJson(readFileSync(delivered.profilesJsonPath, 'utf8'));
    expect(written.profiles[C6]?.images).toEqual([
      {
        type: 'sysupgrade',
        filesystem: 'squashfs',
        name: NAME,
        sha256: sha256(unsigned),
        sha256_unsigned: sha256(unsigned),
      },
    ]);
    expect(written.version_code).toBe(overview.version_code);
  });

  it('keeps all other members of profiles.json as they were', () => {
    const text = readFixture('release/profiles/ib-25.12.4-archer-c6-v2.json');
    const image = JSON.parse(text).profiles[C6].images[1];
    const rendered = renderDeliveredProfilesJson(text, {
      name: image.name,
      sha256: image.sha256,
      sizeBytes: image.size,
    });
    expect(rendered).toBe(text.replace(/"images":\[.*?\},/, '"images":['));
  });
});
