import { readPackageJson } from '../io/package-files.ts';
import { isRecord } from '../mape/rule-file.ts';
import type { ServiceTable } from '../mape/service.ts';
import { parseServiceTable } from '../mape/service-file.ts';

/** The service table this package was built with (`dist/data/services.json`, made from `profiles/services/`). */
export function loadServiceTable(): ServiceTable {
  const raw = readPackageJson('dist/data/services.json');
  if (!isRecord(raw) || !Array.isArray(raw.services))
    throw new TypeError('dist/data/services.json is not a service table');
  return parseServiceTable({ sources: raw.sources, services: raw.services, notMapE: raw.notMapE });
}
