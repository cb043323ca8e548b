import type { DeviceProfile } from '../device/device.ts';
import { DeviceError } from '../device/errors.ts';
import { parseDevice } from '../device/parse-device.ts';
import { resolveProfileId } from '../device/resolve-profile.ts';
import { readPackageJson } from '../io/package-files.ts';
import { parseSeries, type Series } from '../release/version.ts';

/** Id of what holds for every device without a file of its own. */
const DEFAULT_ID = '_default';

/** The devices this package was built with (`dist/data/devices.json`, made from `profiles/devices/`), without the default. */
export function loadDevices(): readonly DeviceProfile[] {
  return loadAll().filter(({ id }) => id !== DEFAULT_ID);
}

/** What is known of the device of a profile: its own file's content, or what holds for all others. */
export function loadDevice(profile: string): DeviceProfile {
  const all = loadAll();
  const found = all.find(({ id }) => id === profile) ?? all.find(({ id }) => id === DEFAULT_ID);
  if (found === undefined) throw new TypeError('dist/data/devices.json has no default device');
  return found;
}

/** What is known of a device by any of its names. */
export function findDevice(name: string): DeviceProfile {
  const devices = loadDevices();
  try {
    return loadDevice(resolveProfileId(name, devices));
  } catch (error) {
    if (error instanceof DeviceError) return loadDevice(name);
    throw error;
  }
}

/** The series a device asks for where no release is wanted. */
export function recommendSeries(device: DeviceProfile): Series | undefined {
  const { recommendedSeries } = device;
  return recommendedSeries === undefined ? undefined : parseSeries(recommendedSeries.value);
}

function loadAll(): readonly DeviceProfile[] {
  const raw = readPackageJson('dist/data/devices.json');
  if (!Array.isArray(raw)) throw new TypeError('dist/data/devices.json is no list');
  return raw.map((device: unknown) => parseDevice(device));
}
