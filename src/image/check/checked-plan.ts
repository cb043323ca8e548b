import type { Plan, PlannedEntry } from '../../plan/plan.ts';

/** An entry of the overlay as a plan lists it; of one read from a file nobody has vouched for the digest yet. */
export type CheckedEntry =
  | Exclude<PlannedEntry, { readonly sha256: unknown }>
  | {
      readonly path: string;
      readonly type: 'file';
      readonly mode: string;
      readonly sizeBytes: number;
      readonly sha256: string;
    };

export interface CheckedOverlay {
  readonly overlay: readonly CheckedEntry[];
}

/** What the record of a build keeps of its plan, once its id has been held against the rest. */
export interface CheckedRecord extends CheckedOverlay {
  readonly id: string;
  readonly packages: readonly string[];
  /** `24.10.4` */
  readonly version: string;
  /** `ath79/generic` */
  readonly target: string;
  readonly revision: string;
}

/** What an image can be held against. */
export type CheckedPlan = Plan | CheckedRecord;
