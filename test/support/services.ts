import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseServiceTable, type ServiceFiles } from '../../src/mape/service-file.ts';

const folder = join(import.meta.dirname, '../../profiles/services');

export function readServiceFiles(): ServiceFiles {
  const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));
  const services = readdirSync(folder).filter((name) => !['sources.yaml', 'not-map-e.yaml'].includes(name));
  return {
    sources: read('sources.yaml'),
    services: services.sort().map(read),
    notMapE: read('not-map-e.yaml'),
  };
}

/** The service table of `profiles/services/`. */
export const serviceTable = parseServiceTable(readServiceFiles());
