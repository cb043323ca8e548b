import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SETUP = join(import.meta.dirname, '../../samples/imagebuilder/setup.mjs');
export const C6 = 'tplink_archer-c6-v2';

/** Programs that a build on the sample ImageBuilder needs. */
export const SAMPLE_TOOLS = ['make', 'bash', 'mksquashfs', 'flock', 'zstd', 'tar'] as const;

/** A work folder with fresh trees of the sample ImageBuilder. */
export interface SampleWorld {
  readonly dir: string;
  tree(flavour: 'opkg' | 'apk', name: string): string;
  archive(flavour: 'opkg' | 'apk', name: string, folder?: string): string;
  remove(): void;
}

export function createSampleWorld(): SampleWorld {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mape-image-sample-')));
  const setup = (...args: string[]) => execFileSync(process.execPath, [SETUP, ...args], { stdio: 'ignore' });
  const pristine = new Map<string, string>();
  return {
    dir,
    tree(flavour, name) {
      const path = join(dir, name);
      const known = pristine.get(flavour);
      if (known === undefined) {
        setup('--flavour', flavour, join(dir, `pristine-${flavour}`));
        pristine.set(flavour, join(dir, `pristine-${flavour}`));
      }
      cpSync(join(dir, `pristine-${flavour}`), path, { recursive: true, verbatimSymlinks: true });
      return path;
    },
    archive(flavour, name, folder = dir) {
      setup('--flavour', flavour, '--tarball', name, folder);
      return join(folder, name);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
