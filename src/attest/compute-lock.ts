import type { ResolvedConfig } from '../config/config.ts';
import type { InputFacts, PackageFacts } from './facts.ts';
import { computeSettingsDigest, type Lock, type LockedPackage, type LockedSettings } from './lock.ts';

/** The lock of a build, from what it took. */
export function computeLock(input: InputFacts, packages: PackageFacts): Lock {
  const { imagebuilder, source, settings } = input;
  return {
    schema: 'mape-image/lock@1',
    program: { name: 'mape-image', version: input.programVersion },
    config: { sha256: computeSettingsDigest(settings), settings },
    profile: input.profile,
    release: imagebuilder.version,
    target: imagebuilder.target,
    versionCode: imagebuilder.revision,
    packageManager: imagebuilder.packageManager,
    imagebuilder: {
      kind: source.kind,
      name: source.name,
      sha256: source.sha256,
      keyId: source.keyId ?? null,
    },
    repositories: [...source.repositories],
    packages: computeLockedPackages(packages),
  };
}

/**
 * The settings that choose what a build takes from elsewhere and that many households share.
 *
 * A lock is made to be kept with a project and shown to others, so it must not tell whose it is. The prefix, names, keys,
 * addresses and files of the household stay out, and out of the digest too: some 2^25 prefixes per rule are no secret to a
 * digest, however slow it is (scrypt at 0.4 s: five CPU months, and the work is shared among all who ask). What they decide
 * shows in the plan id, which a record of a build is held against.
 */
export function computeLockedSettings(config: ResolvedConfig): LockedSettings {
  return {
    profile: config.profile ?? null,
    release: config.release ?? null,
    service: config.service ?? null,
    line: config.line,
    dhcpv4: config.wan.dhcpv4,
    timezone: config.timezone,
    add: [...config.packages.add].sort(),
    remove: [...config.packages.remove].sort(),
  };
}

function computeLockedPackages({ installed, packageFiles }: PackageFacts): LockedPackage[] {
  const files = new Map(packageFiles.map((file) => [file.name, file]));
  return [...installed]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, version]) => {
      const file = files.get(name);
      return {
        name,
        version,
        file: file?.fileName ?? null,
        sha256: file?.sha256 ?? null,
        sizeBytes: file?.sizeBytes ?? null,
      };
    });
}
