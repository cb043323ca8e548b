import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Root of this package: two folders up, both from `src/io` and from `dist/io`. */
export const PACKAGE_ROOT = join(import.meta.dirname, '../..');

/** A JSON file of the package's own, made at build time or shipped. */
export function readPackageJson(name: string): unknown {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, name), 'utf8'));
}

/** Version of this program, from `package.json`. */
export function readProgramVersion(): string {
  const manifest = readPackageJson('package.json');
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new TypeError('package.json has no version');
}
