import type { Contents } from '../contents/contents.ts';
import { MAP_OPTIONS, type MapOption } from '../contents/mape-settings.ts';
import type { ReleaseInfo } from '../contents/release.ts';
import type { RootFilesystem } from '../root-filesystem.ts';
import { compareFiles, type FileChange } from './files.ts';
import { comparePackages, type PackageChange } from './packages.ts';

/** An image that is compared. Sizes are in bytes; absent: not known. */
export interface ComparedImage {
  readonly rootfs: RootFilesystem;
  readonly contents: Contents;
  readonly sizes: {
    readonly image: number;
    readonly kernel: number | undefined;
    readonly rootfs: number | undefined;
    /** What stays for settings in the flash of the device. */
    readonly writable: number | undefined;
  };
  /** Files that its plan knows to hold a secret. */
  readonly secretPaths: ReadonlySet<string>;
}

/** A value that is not the same. */
export interface ValueChange<Name extends string> {
  readonly name: Name;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A size in both images, also where it is the same. */
export interface SizeChange {
  readonly name: keyof ComparedImage['sizes'];
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export interface ImageDifferences {
  readonly release: readonly ValueChange<'version' | 'revision' | 'target' | 'architecture' | 'kernel'>[];
  /** Options of the first MAP-E interface of each. */
  readonly mape: readonly ValueChange<MapOption | 'interface'>[];
  /** Absent where one of the images has no list of packages. */
  readonly packages: readonly PackageChange[] | undefined;
  readonly files: readonly FileChange[];
  readonly sizes: readonly SizeChange[];
}

/**
 * What is different between two images.
 *
 * @throws what the readers of the roots throw
 */
export async function compareImages(from: ComparedImage, to: ComparedImage): Promise<ImageDifferences> {
  const [before, after] = [from.contents, to.contents];
  const secretPaths = new Set([...from.secretPaths, ...to.secretPaths]);
  return {
    release: compareValues(listRelease(before.release), listRelease(after.release)),
    mape: compareValues(listMape(before), listMape(after)),
    packages:
      before.packages === undefined || after.packages === undefined
        ? undefined
        : comparePackages(before.packages, after.packages),
    files: await compareFiles(from.rootfs, to.rootfs, secretPaths),
    sizes: (['image', 'kernel', 'rootfs', 'writable'] as const).map((name) => ({
      name,
      from: from.sizes[name],
      to: to.sizes[name],
    })),
  };
}

function compareValues<Name extends string>(
  from: ReadonlyMap<Name, string>,
  to: ReadonlyMap<Name, string>,
): readonly ValueChange<Name>[] {
  return [...new Set([...from.keys(), ...to.keys()])]
    .map((name) => ({ name, from: from.get(name), to: to.get(name) }))
    .filter((change) => change.from !== change.to);
}

function listRelease(release: ReleaseInfo): ReadonlyMap<ImageDifferences['release'][number]['name'], string> {
  return withValues([
    ['version', release.version],
    ['revision', release.revision],
    ['target', release.target],
    ['architecture', release.architecture],
    ['kernel', release.kernelVersions.join(', ') || undefined],
  ]);
}

function listMape({ mape: [first] }: Contents): ReadonlyMap<MapOption | 'interface', string> {
  if (first === undefined) return new Map();
  const { options, interfaceName } = first;
  return withValues([
    ['interface', interfaceName ?? '?'],
    ...MAP_OPTIONS.map((name) => {
      const value = options[name];
      return [name, value === null ? '?' : value] as const;
    }),
  ]);
}

function withValues<Name extends string>(
  pairs: readonly (readonly [Name, string | undefined])[],
): ReadonlyMap<Name, string> {
  return new Map(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
