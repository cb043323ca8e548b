import type { Finding } from '../errors.ts';
import type { LayerValues } from './schema.ts';
import type { Spot, Spots } from './spot.ts';

/** Where settings come from, the strongest first. */
export const LAYER_NAMES = ['flag', 'environment', 'project', 'user'] as const;

export type LayerName = (typeof LAYER_NAMES)[number];

/** One source of settings: what could be read of it. */
export interface ConfigLayer {
  readonly layer: LayerName;
  readonly values: LayerValues;
  readonly spots: Spots;
  /** Top-level keys that were given and refused: nothing is concluded from their absence. */
  readonly rejected: ReadonlySet<string>;
}

export interface LayerResult {
  /** Absent where nothing at all could be read. */
  readonly layer?: ConfigLayer;
  readonly findings: readonly Finding[];
}

/** Where a setting of the merged configuration comes from. */
export type Origin = { readonly layer: LayerName | 'default' } & Spot;
