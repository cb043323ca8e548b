import type { Finding } from '../../errors.ts';
import { MAP_PACKAGE } from '../../plan/packages.ts';
import { type InstalledPackage, plainName } from '../contents/package-lists.ts';

/** The packages of an image, to be asked for names as they stand in `PACKAGES`. */
export interface Installed {
  /** There under this name; the version of a library's ABI behind it does not count. */
  readonly has: (name: string) => boolean;
  /** There under this name or under another that answers to it. */
  readonly answersTo: (name: string) => boolean;
}

/** What a manifest tells: names and versions alone. A number behind a name is taken for the version of an ABI. */
export function indexManifest(installed: ReadonlyMap<string, string>): Installed {
  const names = [...installed.keys()];
  const has = (name: string) =>
    installed.has(name) ||
    names.some((key) => key.startsWith(name) && /^-?[0-9][0-9.-]*$/.test(key.slice(name.length)));
  return { has, answersTo: has };
}

/** What an image's own list tells. */
export function indexInstalled(packages: readonly InstalledPackage[]): Installed {
  const names = new Set(packages.flatMap((entry) => [entry.name, plainName(entry)]));
  const provided = new Set(packages.flatMap(({ provides }) => provides));
  return { has: (name) => names.has(name), answersTo: (name) => names.has(name) || provided.has(name) };
}

/**
 * Hold the packages of an image against those asked for: an error for each that is missing; a warning for each that was
 * removed and came back, since something depends on it.
 */
export function checkInstalledPackages(
  plan: { readonly packages: readonly string[] },
  installed: Installed,
): readonly Finding[] {
  return plan.packages.flatMap((item): Finding[] => {
    const name = item.replace(/^-/, '').replace(/~.*$/, '');
    if (item.startsWith('-')) {
      if (!installed.has(name)) return [];
      return [
        {
          severity: 'warning',
          code: 'IMAGE_PACKAGE_CAME_BACK',
          message: `${name} was removed and is in the image all the same: another package needs it`,
          hint: 'remove the package that needs it as well',
          details: { package: name },
        },
      ];
    }
    if (installed.answersTo(name)) return [];
    return [
      {
        severity: 'error',
        code: 'IMAGE_PACKAGE_MISSING',
        message: `${name} is not in the image`,
        details: { package: name, needed: name === MAP_PACKAGE },
      },
    ];
  });
}
