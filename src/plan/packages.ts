import type { Finding } from '../errors.ts';

export interface PackageWishes {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The package that brings `/lib/netifd/proto/map.sh`, `mapcalc` and the tunnel's kernel module. */
export const MAP_PACKAGE = 'map';

/**
 * The `PACKAGES` list: `map`, what the device's profile and the user add, then the removals as `-name`, each once.
 *
 * The user's word wins over the device's: what the user adds is not removed for the device's sake.
 *
 * @see OpenWrt target/imagebuilder/files/Makefile (a `-name` wins over a `name`, wherever it stands)
 */
export function computePackages(device: PackageWishes, user: PackageWishes): readonly string[] {
  const removed = new Set([...device.remove.filter((name) => !user.add.includes(name)), ...user.remove]);
  const added = [MAP_PACKAGE, ...device.add, ...user.add].filter((name) => !removed.has(name));
  return [...new Set(added), ...[...removed].map((name) => `-${name}`)];
}

export function checkPackages(user: PackageWishes): readonly Finding[] {
  const findings: Finding[] = [];
  if (user.remove.includes(MAP_PACKAGE)) {
    findings.push({
      severity: 'error',
      code: 'PLAN_MAP_REMOVED',
      message: 'the package map cannot be removed: it is what makes IPv4 work',
      hint: 'take map out of the packages to remove',
    });
  }
  for (const name of user.add.filter((added) => user.remove.includes(added))) {
    findings.push({
      severity: 'warning',
      code: 'PLAN_PACKAGE_BOTH',
      message: `${name} is both added and removed; ImageBuilder removes it`,
      hint: 'keep one of the two',
      details: { package: name },
    });
  }
  return findings;
}
