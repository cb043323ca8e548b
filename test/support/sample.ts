import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_ROOT } from './cli.ts';

export type Flavour = 'opkg' | 'apk';

const SETUP = join(PROJECT_ROOT, 'samples/imagebuilder/setup.mjs');

/** A working tree of the sample ImageBuilder. */
export function makeSampleTree(flavour: Flavour, dir: string): string {
  execFileSync(process.execPath, [SETUP, '--flavour', flavour, dir], { stdio: 'ignore' });
  return dir;
}

/** The sample ImageBuilder as a tarball below `dir`; its path. */
export function makeSampleTarball(flavour: Flavour, dir: string, compression: 'zst' | 'xz' = 'zst'): string {
  const release = flavour === 'opkg' ? '24.10' : '25.12';
  const name = `openwrt-imagebuilder-${release}.0-sample-ath79-generic.Linux-x86_64.tar.${compression}`;
  execFileSync(process.execPath, [SETUP, '--flavour', flavour, '--tarball', name, dir], { stdio: 'ignore' });
  return join(dir, name);
}
