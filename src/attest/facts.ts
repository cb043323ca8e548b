import type { Plan, PlannedImageBuilder } from '../plan/plan.ts';
import type { LockedSettings } from './lock.ts';

/** A package in an image, and the file it came from where that is known. */
export interface AttestedPackage {
  readonly name: string;
  readonly version: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly architecture: string | undefined;
  readonly license: string | undefined;
}

/** The ImageBuilder an image was made with. */
export interface AttestedSource {
  readonly kind: 'archive' | 'folder' | 'container';
  readonly name: string;
  readonly sha256: string;
  readonly repositories: readonly string[];
  /** Of the key that signed the list the archive stands in, where that was verified. */
  readonly keyId: string | undefined;
}

/** What is fixed before anything is built. */
export interface InputFacts {
  readonly programVersion: string;
  readonly settings: LockedSettings;
  /** Id of the profile. */
  readonly profile: string;
  readonly imagebuilder: PlannedImageBuilder;
  readonly source: AttestedSource;
}

export interface PackageFacts {
  /** Versions by name, as in the manifest. */
  readonly installed: ReadonlyMap<string, string>;
  readonly packageFiles: readonly AttestedPackage[];
}

export interface ImageFacts {
  /** Name of the file. */
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** All that is known of a finished build. */
export interface BuildFacts extends PackageFacts {
  readonly plan: Plan;
  readonly imagebuilder: PlannedImageBuilder;
  readonly source: AttestedSource;
  readonly image: ImageFacts;
  /** Time of every file in the image, in seconds since 1970. */
  readonly sourceDateEpochSec: number | undefined;
}
