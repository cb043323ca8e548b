import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, MACHINE_PROGRAMS } from './image.ts';

export interface Prepared {
  readonly kernel: string;
  readonly modulesFolder: string;
}

/**
 * What `scripts/lab.mjs` has put on this host: QEMU, the machine's programs, and a kernel package unpacked in the cache.
 *
 * @returns undefined where nobody asked for these minutes or something is missing, which is said; in CI what is missing is an
 * error, since every check has to run there
 */
export function findPrepared(): Prepared | undefined {
  if (process.env.CI === undefined && process.env.MAPE_LAB === undefined) {
    console.warn('skipped: the laboratory takes about six minutes: npm run lab');
    return undefined;
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mape-image-lab/kernel');
  const boot = join(cache, 'boot');
  const kernel = existsSync(boot) ? readdirSync(boot).find((name) => name.startsWith('vmlinuz-')) : undefined;
  const modulesFolder = [join(cache, 'lib/modules'), join(cache, 'usr/lib/modules')].find(existsSync);
  const missing = ['qemu-system-x86_64', ...Object.keys(MACHINE_PROGRAMS)].filter(
    (name) => findProgram(name) === undefined,
  );
  if (kernel === undefined || modulesFolder === undefined) missing.push(`a kernel in ${cache}`);
  if (kernel !== undefined && modulesFolder !== undefined && missing.length === 0)
    return { kernel: join(boot, kernel), modulesFolder };
  const sentence = `the laboratory's machine lacks ${missing.join(', ')}: run npm run lab`;
  if (process.env.CI !== undefined) throw new Error(sentence);
  console.warn(`skipped: ${sentence}`);
  return undefined;
}
