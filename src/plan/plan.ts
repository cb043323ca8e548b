import type { JsonValue } from '../bytes/canonical-json.ts';
import type { Sha256 } from '../bytes/sha256.ts';
import type { MapeParameters } from '../mape/parameters.ts';
import type { Series } from '../release/version.ts';
import type { LineChoice } from './line.ts';

/** What the plan says of one overlay entry; a file with a secret carries a slow keyed digest, so that the plan is no oracle. */
export type PlannedEntry =
  | { readonly path: string; readonly type: 'directory'; readonly mode: string }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string }
  | {
      readonly path: string;
      readonly type: 'file';
      readonly mode: string;
      readonly sizeBytes: number;
      readonly sha256: Sha256;
    }
  | { readonly path: string; readonly type: 'file'; readonly mode: string; readonly scrypt: string }
  | { readonly path: string; readonly type: 'plan-id'; readonly mode: string };

/** The ImageBuilder a plan was made for. */
export interface PlannedImageBuilder {
  /** `24.10.4` */
  readonly version: string;
  /** `ath79/generic` */
  readonly target: string;
  /** `r28959-29397011cc` */
  readonly revision: string;
  readonly packageManager: 'opkg' | 'apk';
}

/** Everything decided and nothing done. */
export interface Plan {
  readonly schema: 'mape-image/plan@1';
  /** sha256 of the canonical JSON of all other members. */
  readonly id: Sha256;
  readonly program: { readonly name: 'mape-image'; readonly version: string };
  readonly mape: MapeParameters;
  readonly line: LineChoice;
  readonly profile: string;
  /** Release series the overlay was rendered for, `24.10`. */
  readonly series: Series;
  readonly imagebuilder: PlannedImageBuilder | null;
  /** The `PACKAGES` argument, item by item, `-name` removes. */
  readonly packages: readonly string[];
  /** Settings that were decided, without secrets. */
  readonly settings: { readonly [key: string]: JsonValue };
  readonly overlay: readonly PlannedEntry[];
}
