import { findVersionStep, type VersionStep } from '../../release/package-version.ts';
import { type InstalledPackage, plainName } from '../contents/package-lists.ts';
import type { PackageList } from '../contents/packages.ts';

/** One package that is not the same in two images. */
export interface PackageChange {
  /** Without the version of its ABI. */
  readonly name: string;
  readonly change: 'added' | 'removed' | VersionStep;
  /** Absent where it was added. */
  readonly from: string | undefined;
  /** Absent where it was removed. */
  readonly to: string | undefined;
}

/**
 * The packages that differ, sorted by name. A library whose ABI has another version stays the same package. Versions are
 * compared by the rules of the newer image's package manager, whose form the older one's have had since 24.10.
 */
export function comparePackages(from: PackageList, to: PackageList): readonly PackageChange[] {
  const [before, after] = [indexByName(from.packages), indexByName(to.packages)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): PackageChange[] => {
    const [old, now] = [before.get(name)?.version, after.get(name)?.version];
    if (old === now) return [];
    if (old === undefined) return [{ name, change: 'added', from: old, to: now }];
    if (now === undefined) return [{ name, change: 'removed', from: old, to: now }];
    return [{ name, change: findVersionStep(to.manager, old, now), from: old, to: now }];
  });
}

/** Two versions of one library stand side by side under their whole names. */
function indexByName(packages: readonly InstalledPackage[]): ReadonlyMap<string, InstalledPackage> {
  const counts = new Map<string, number>();
  for (const entry of packages) counts.set(plainName(entry), (counts.get(plainName(entry)) ?? 0) + 1);
  return new Map(
    packages.map((entry) => [counts.get(plainName(entry)) === 1 ? plainName(entry) : entry.name, entry]),
  );
}
