import type { Finding } from '../errors.ts';
import { findVersionStep, type PackageManager, type VersionStep } from '../release/package-version.ts';
import type { Lock, LockedPackage, LockedSettings } from './lock.ts';

/** What of the inputs differs; the values are those of the two locks as text. */
export interface InputChange {
  readonly name: InputName;
  readonly wanted: string;
  readonly found: string;
}

export type InputName = (typeof INPUTS)[number][0];

/** `rebuilt`: the same version in another file. */
export type PackageChangeKind = 'added' | 'removed' | 'rebuilt' | VersionStep;

export interface PackageChange {
  readonly name: string;
  readonly kind: PackageChangeKind;
  readonly wanted: LockedPackage | undefined;
  readonly found: LockedPackage | undefined;
}

type Read = (lock: Lock) => string;

const INPUTS = [
  ['program', ({ program }: Lock) => program.version],
  ['profile', ({ profile }: Lock) => profile],
  ['release', ({ release }: Lock) => release],
  ['target', ({ target }: Lock) => target],
  ['versionCode', ({ versionCode }: Lock) => versionCode],
  ['packageManager', ({ packageManager }: Lock) => packageManager],
  ['imagebuilder', ({ imagebuilder }: Lock) => imagebuilder.sha256],
  ['key', ({ imagebuilder }: Lock) => imagebuilder.keyId ?? ''],
  ['repositories', ({ repositories }: Lock) => repositories.join(' ')],
] as const satisfies readonly (readonly [string, Read])[];

/** Where the inputs of two locks differ, packages apart. A key that one of them does not know is no difference. */
export function compareInputs(wanted: Lock, found: Lock): readonly InputChange[] {
  return INPUTS.map(([name, read]) => ({ name, wanted: read(wanted), found: read(found) })).filter(
    (change) =>
      change.wanted !== change.found &&
      !(change.name === 'key' && (change.wanted === '' || change.found === '')),
  );
}

/** Where the packages of two locks differ, in the order of their names. */
export function comparePackages(wanted: Lock, found: Lock): readonly PackageChange[] {
  const [before, after] = [wanted, found].map(
    ({ packages }) => new Map(packages.map((one) => [one.name, one])),
  );
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].sort();
  return names.flatMap((name) => {
    const [old, fresh] = [before?.get(name), after?.get(name)];
    const kind = classify(found.packageManager, old, fresh);
    return kind === undefined ? [] : [{ name, kind, wanted: old, found: fresh }];
  });
}

function classify(
  manager: PackageManager,
  old: LockedPackage | undefined,
  fresh: LockedPackage | undefined,
): PackageChangeKind | undefined {
  if (old === undefined) return 'added';
  if (fresh === undefined) return 'removed';
  if (old.version === fresh.version) return old.sha256 === fresh.sha256 ? undefined : 'rebuilt';
  return findVersionStep(manager, old.version, fresh.version);
}

/** What differs between the settings a lock was made for and others. */
export function checkLockedSettings(wanted: LockedSettings, found: LockedSettings): readonly Finding[] {
  const shown = (value: LockedSettings[keyof LockedSettings]): string =>
    value === null ? 'none' : typeof value === 'object' ? value.join(' ') || 'none' : String(value);
  const names = ['profile', 'release', 'service', 'line', 'dhcpv4', 'timezone', 'add', 'remove'] as const;
  return names.flatMap((setting): Finding[] => {
    const [want, have] = [shown(wanted[setting]), shown(found[setting])];
    if (want === have) return [];
    return [
      {
        severity: 'error',
        code: 'LOCK_SETTING_OTHER',
        message: `the lock was made with ${SETTING_NAMES[setting]} ${want}, now it is ${have}`,
        details: { setting: SETTING_NAMES[setting], wanted: want, found: have },
      },
    ];
  });
}

/** As the settings are called in `mape-image.yaml`. */
const SETTING_NAMES: Readonly<Record<keyof LockedSettings, string>> = {
  profile: 'profile',
  release: 'release',
  service: 'service',
  line: 'line',
  dhcpv4: 'wan.dhcpv4',
  timezone: 'timezone',
  add: 'packages.add',
  remove: 'packages.remove',
};

/** Every difference as a finding. */
export function checkChanges(
  inputs: readonly InputChange[],
  packages: readonly PackageChange[],
): readonly Finding[] {
  return [...inputs.map(inputFinding), ...packages.map(packageFinding)];
}

function inputFinding({ name, wanted, found }: InputChange): Finding {
  return {
    severity: 'error',
    code: 'LOCK_INPUT_OTHER',
    message: `${INPUT_WORDS[name]}: wanted ${wanted}, found ${found}`,
    details: { input: name, wanted, found },
  };
}

const INPUT_WORDS: Readonly<Record<InputName, string>> = {
  program: 'version of mape-image',
  profile: 'profile',
  release: 'release',
  target: 'target',
  versionCode: 'version code',
  packageManager: 'package manager',
  imagebuilder: 'sha256 of the ImageBuilder',
  key: 'key of the signature',
  repositories: 'repositories',
};

function packageFinding({ name, wanted, found }: PackageChange): Finding {
  if (wanted === undefined) {
    const version = found?.version ?? '';
    return {
      severity: 'error',
      code: 'LOCK_PACKAGE_EXTRA',
      message: `${name} ${version} is not in the lock`,
      details: { package: name, found: version },
    };
  }
  if (found === undefined) {
    return {
      severity: 'error',
      code: 'LOCK_PACKAGE_MISSING',
      message: `${name} ${wanted.version} of the lock is missing`,
      details: { package: name, wanted: wanted.version },
    };
  }
  const same = wanted.version === found.version;
  const [want, have] = [wanted, found].map((one) =>
    same ? `${one.version} (sha256 ${one.sha256 ?? 'unknown'})` : one.version,
  );
  return {
    severity: 'error',
    code: 'LOCK_PACKAGE_OTHER',
    message: `${name}: wanted ${want}, found ${have}`,
    details: { package: name, wanted: want ?? '', found: have ?? '' },
  };
}
