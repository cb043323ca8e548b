import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The sources as JavaScript, for a process of its own that a test may kill. */
export interface Compiled {
  readonly dir: string;
  /** Write a module beside the sources and return its path; it imports from `./io/exec.js` and so on. */
  script(name: string, text: string): string;
  remove(): void;
}

/** Strip the types from all sources; types are not checked again. */
export function compileSources(): Compiled {
  const dir = mkdtempSync(join(tmpdir(), 'mape-image-compiled-'));
  execFileSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      ROOT,
      '--noCheck',
      '--declaration',
      'false',
      '--outDir',
      dir,
    ],
    { stdio: 'ignore' },
  );
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  return {
    dir,
    script: (name, text) => {
      const path = join(dir, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
