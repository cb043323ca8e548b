import type { Place } from '../errors.ts';
import { formatSettingPath, type SettingPath } from './problem.ts';

/** Where a value was given: `mape-image.yaml:3:9`, `--prefix`, `MAPE_IMAGE_PREFIX`. */
export interface Spot {
  readonly label: string;
  /** Absent for a flag and for the environment. */
  readonly place?: Place;
}

/** Spots by setting path (`wifi.networks[0].ssid`): of the value, and of the key where the two differ. */
export type Spots = ReadonlyMap<string, { readonly value: Spot; readonly key?: Spot }>;

/** The spot of a value or a key, or of the nearest thing around it that was written. */
export function findSpot(spots: Spots, path: SettingPath, part: 'value' | 'key' = 'value'): Spot {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = spots.get(formatSettingPath(path.slice(0, length)));
    if (found !== undefined)
      return part === 'key' && length === path.length ? (found.key ?? found.value) : found.value;
  }
  return { label: 'settings' };
}

export function spotOfPlace(place: Place): Spot {
  return { label: `${place.file}:${place.line}:${place.column}`, place };
}
