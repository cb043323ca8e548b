import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether tests that need programs must be skipped: said on a laptop, a failure in CI. */
export function lacksTools(...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length === 0) return false;
  if (process.env.CI !== undefined) throw new Error(`missing on this machine: ${missing.join(', ')}`);
  console.log(`skipped, not on this machine: ${missing.join(', ')}`);
  return true;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
