import { extraImageName } from '../plan/compute-plan.ts';
import type { BuildFacts } from './facts.ts';
import { renderPurl } from './purl.ts';
import { computeUuidUrn } from './uuid.ts';

/** in-toto: anything that is named by its digest. */
export interface ResourceDescriptor {
  readonly name: string;
  readonly uri?: string;
  readonly digest: { readonly sha256: string };
}

export interface Provenance {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly ResourceDescriptor[];
  readonly predicateType: 'https://slsa.dev/provenance/v1';
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: 'urn:mape-image:imagebuilder:v1';
      readonly externalParameters: {
        readonly planId: string;
        readonly profile: string;
        readonly release: string;
        readonly target: string;
        readonly packages: readonly string[];
        readonly extraImageName: string;
        readonly repositories: readonly string[];
      };
      readonly internalParameters: { readonly versionCode: string; readonly sourceDateEpoch: number | null };
      readonly resolvedDependencies: readonly ResourceDescriptor[];
    };
    readonly runDetails: {
      readonly builder: {
        readonly id: string;
        readonly version: Readonly<Record<string, string>>;
      };
      readonly metadata: { readonly invocationId: string };
      readonly byproducts: readonly ResourceDescriptor[];
    };
  };
}

/**
 * How an image came to be: an in-toto statement with the predicate of SLSA.
 *
 * It says who builds (a machine of the user's own: level 1) and names all inputs by their digests. It carries no time and no
 * random number, so that the same build has the same statement; the log, which has both, stays out.
 *
 * @param byproducts digests of the files beside the image, by name
 * @see https://slsa.dev/spec/v1.0/provenance; https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export function computeProvenance(facts: BuildFacts, byproducts: ReadonlyMap<string, string>): Provenance {
  const { plan, imagebuilder, source, image } = facts;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: image.name, digest: { sha256: image.sha256 } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:mape-image:imagebuilder:v1',
        externalParameters: {
          planId: plan.id,
          profile: plan.profile,
          release: imagebuilder.version,
          target: imagebuilder.target,
          packages: plan.packages,
          extraImageName: extraImageName(plan),
          repositories: source.repositories,
        },
        internalParameters: {
          versionCode: imagebuilder.revision,
          sourceDateEpoch: facts.sourceDateEpochSec ?? null,
        },
        resolvedDependencies: listDependencies(facts),
      },
      runDetails: {
        builder: {
          id: `urn:mape-image:builder:${source.kind === 'container' ? 'container' : 'local'}`,
          version: { [plan.program.name]: plan.program.version, imagebuilder: imagebuilder.version },
        },
        metadata: { invocationId: computeUuidUrn(`urn:mape-image:build:${plan.id}:${image.sha256}`) },
        byproducts: [...byproducts]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, sha256]) => ({ name, digest: { sha256 } })),
      },
    },
  };
}

function listDependencies({ imagebuilder, source, packageFiles }: BuildFacts): ResourceDescriptor[] {
  const { packageManager, version: release } = imagebuilder;
  return [
    {
      name: source.name,
      uri: `urn:mape-image:imagebuilder:${source.kind}`,
      digest: { sha256: source.sha256 },
    },
    ...packageFiles.map(({ name, version, architecture, fileName, sha256 }) => ({
      name: fileName,
      uri: renderPurl({ packageManager, name, version, architecture, release }),
      digest: { sha256 },
    })),
  ];
}
