import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { computeLicenses } from '../../src/attest/licenses.ts';
import { type PurlParts, renderPurl } from '../../src/attest/purl.ts';
import { computeSbom } from '../../src/attest/sbom.ts';
import { computeUuidUrn } from '../../src/attest/uuid.ts';
import { readFixture } from '../support/fixtures.ts';
import { facts, PACKAGES } from './sample.ts';

const readSchema = (name: string) => JSON.parse(readFixture(`attest/${name}.schema.json`));
const spdx = readSchema('spdx');
// The schema has a union of types and words for people, which Ajv's strict mode warns of.
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
for (const format of ['iri-reference', 'idn-email', 'email', 'uri']) ajv.addFormat(format, true);
ajv.addSchema(spdx).addSchema(readSchema('jsf-0.82'));
const validate = ajv.compile(readSchema('bom-1.6'));

const sbom = computeSbom(facts);

describe('the SBOM', () => {
  it('is valid against the published schema of CycloneDX 1.6', () => {
    validate(JSON.parse(JSON.stringify(sbom)));
    expect(validate.errors).toBeNull();
  });

  it('the schema refuses what is wrong', () => {
    expect(validate({ ...sbom, components: [{ type: 'application' }] })).toBe(false);
    expect(validate({ ...sbom, components: [{ type: 'package', name: 'x' }] })).toBe(false);
    expect(validate({ ...sbom, serialNumber: 'urn:uuid:none' })).toBe(false);
  });

  it('names each package with version, licence, package URL and the hash of its file', () => {
    expect(sbom.components.map(({ name }) => name)).toEqual(PACKAGES.map(({ name }) => name).sort());
    const busybox = sbom.components.find(({ name }) => name === 'busybox');
    expect(busybox).toEqual({
      type: 'application',
      'bom-ref': 'pkg:generic/openwrt/busybox@1.36.1-r2?arch=mips_24kc&distro=openwrt-24.10.8',
      name: 'busybox',
      version: '1.36.1-r2',
      hashes: [
        {
          alg: 'SHA-256',
          content: createHash('sha256').update('busybox_1.36.1-r2_mips_24kc.ipk').digest('hex'),
        },
      ],
      licenses: [{ license: { id: 'GPL-2.0' } }],
      purl: 'pkg:generic/openwrt/busybox@1.36.1-r2?arch=mips_24kc&distro=openwrt-24.10.8',
    });
  });

  it('names the image with its own hash', () => {
    expect(sbom.metadata.component).toMatchObject({
      type: 'firmware',
      version: '24.10.8',
      hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }],
    });
    expect(sbom.metadata.timestamp).toBe('2025-01-01T00:00:00.000Z');
  });

  it('tells kinds of component apart', () => {
    const types = Object.fromEntries(sbom.components.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      kernel: 'operating-system',
      'kmod-nat46': 'device-driver',
      libstdcpp6: 'library',
      'ath10k-firmware-qca9888-ct': 'firmware',
      map: 'application',
    });
  });

  it('depends on the build alone, and another image has another serial number', () => {
    expect(JSON.stringify(computeSbom({ ...facts }))).toBe(JSON.stringify(sbom));
    const other = computeSbom({ ...facts, image: { ...facts.image, sha256: 'cd'.repeat(32) } });
    expect(other.serialNumber).not.toBe(sbom.serialNumber);
  });

  it('is valid without any package file, licence or time', () => {
    const bare = computeSbom({ ...facts, packageFiles: [], sourceDateEpochSec: undefined });
    validate(JSON.parse(JSON.stringify(bare)));
    expect(validate.errors).toBeNull();
    expect(bare.components[0]).not.toHaveProperty('hashes');
    expect(bare.metadata).not.toHaveProperty('timestamp');
  });
});

describe('a package URL', () => {
  const part: PurlParts = {
    packageManager: 'apk',
    name: 'map',
    version: '7',
    architecture: 'mips_24kc',
    release: '25.12.5',
  };

  // The form of each is that of the examples in purl-spec types/apk-definition.json.
  it.each<[string, Partial<PurlParts>, string]>([
    ['of apk', {}, 'pkg:apk/openwrt/map@7?arch=mips_24kc&distro=openwrt-25.12.5'],
    [
      'of opkg',
      { packageManager: 'opkg' },
      'pkg:generic/openwrt/map@7?arch=mips_24kc&distro=openwrt-25.12.5',
    ],
    ['without an architecture', { architecture: undefined }, 'pkg:apk/openwrt/map@7?distro=openwrt-25.12.5'],
    [
      'keeps a tilde and encodes a plus',
      { name: 'libstdc++', version: '2024.10~38eccbb1+x' },
      'pkg:apk/openwrt/libstdc%2B%2B@2024.10~38eccbb1%2Bx?arch=mips_24kc&distro=openwrt-25.12.5',
    ],
    ['folds case', { name: 'Python3' }, 'pkg:apk/openwrt/python3@7?arch=mips_24kc&distro=openwrt-25.12.5'],
    [
      'lets nothing out of its place',
      { name: 'a/b@c?d#e', version: '1 2' },
      'pkg:apk/openwrt/a%2Fb%40c%3Fd%23e@1%202?arch=mips_24kc&distro=openwrt-25.12.5',
    ],
  ])('%s', (_name, changes, purl) => {
    expect(renderPurl({ ...part, ...changes })).toBe(purl);
  });
});

describe('licences', () => {
  it.each([
    ['nothing', undefined, [{ license: { name: 'NOASSERTION' } }]],
    ['blanks', '  ', [{ license: { name: 'NOASSERTION' } }]],
    ['an id', 'GPL-2.0-or-later', [{ license: { id: 'GPL-2.0-or-later' } }]],
    ['two', 'GPL-2.0 LGPL-2.1', [{ license: { id: 'GPL-2.0' } }, { license: { id: 'LGPL-2.1' } }]],
    ['the same twice', 'MIT MIT', [{ license: { id: 'MIT' } }]],
    ['no id of SPDX', 'BSD-4c', [{ license: { name: 'BSD-4c' } }]],
    ['an expression', 'ISC AND MIT', [{ expression: 'ISC AND MIT' }]],
  ])('%s', (_name, text, expected) => {
    expect(computeLicenses(text)).toEqual(expected);
  });

  it('every id given as one stands in the list of SPDX', () => {
    const listed = new Set<string>(spdx.enum);
    for (const id of listed) {
      const [choice] = computeLicenses(id);
      if (choice !== undefined && 'license' in choice && 'id' in choice.license)
        expect(listed).toContain(choice.license.id);
    }
    expect(computeLicenses('NoSuch-1.0')).toEqual([{ license: { name: 'NoSuch-1.0' } }]);
  });
});

describe('a UUID of a name', () => {
  // python3 -c "import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, …))"
  it('is that of version 5', () => {
    expect(computeUuidUrn('urn:mape-image:sbom:a:b')).toBe('urn:uuid:fc342192-c61f-5cb3-84e2-7a56ca9e1345');
  });
});
