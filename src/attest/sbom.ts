import type { AttestedPackage, BuildFacts } from './facts.ts';
import { computeLicenses, type LicenseChoice } from './licenses.ts';
import { renderPurl } from './purl.ts';
import { computeUuidUrn } from './uuid.ts';

/** A component as this program writes it. */
export interface SbomComponent {
  readonly type: 'firmware' | 'operating-system' | 'device-driver' | 'library' | 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  readonly licenses?: readonly LicenseChoice[];
  readonly purl?: string;
}

export interface Sbom {
  readonly $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json';
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools: {
      readonly components: readonly {
        readonly type: 'application';
        readonly name: string;
        readonly version: string;
      }[];
    };
    readonly component: SbomComponent;
  };
  readonly components: readonly SbomComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

const IMAGE_REF = 'image';

/**
 * What is in an image, as CycloneDX 1.6: each package with name, version, licence, package URL and the SHA-256 of its file,
 * and the image with its own. It depends on the build alone: the time is that of the files in the image.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function computeSbom(facts: BuildFacts): Sbom {
  const { plan, imagebuilder, image, sourceDateEpochSec } = facts;
  const files = new Map(facts.packageFiles.map((file) => [file.name, file]));
  const components = [...facts.installed]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, version]) => computeComponent(facts, name, version, files.get(name)));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: computeUuidUrn(`urn:mape-image:sbom:${plan.id}:${image.sha256}`),
    version: 1,
    metadata: {
      ...(sourceDateEpochSec === undefined
        ? {}
        : { timestamp: new Date(sourceDateEpochSec * 1000).toISOString() }),
      tools: {
        components: [{ type: 'application', name: plan.program.name, version: plan.program.version }],
      },
      component: {
        type: 'firmware',
        'bom-ref': IMAGE_REF,
        name: image.name,
        version: imagebuilder.version,
        hashes: [{ alg: 'SHA-256', content: image.sha256 }],
      },
    },
    components,
    dependencies: [
      { ref: IMAGE_REF, dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'] })),
    ],
  };
}

function computeComponent(
  { imagebuilder }: BuildFacts,
  name: string,
  version: string,
  file: AttestedPackage | undefined,
): SbomComponent {
  const { packageManager, version: release } = imagebuilder;
  const purl = renderPurl({ packageManager, name, version, architecture: file?.architecture, release });
  return {
    type: componentType(name),
    'bom-ref': purl,
    name,
    version,
    ...(file === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: file.sha256 }] }),
    licenses: computeLicenses(file?.license),
    purl,
  };
}

function componentType(name: string): SbomComponent['type'] {
  if (name === 'kernel') return 'operating-system';
  if (name.startsWith('kmod-')) return 'device-driver';
  if (/-firmware(-|$)/.test(name)) return 'firmware';
  return /^lib[a-z]/.test(name) ? 'library' : 'application';
}
