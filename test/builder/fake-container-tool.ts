import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'fake-container-tool.mjs');

/** An image as the fake knows it. */
export interface FakeImage {
  /** Folder whose copy becomes the container's files; its `builder` is where programs start. */
  readonly files: string;
  /** 64 hex digits. */
  readonly digest: string;
  /** On the server, on this machine, or both. */
  readonly at: 'server' | 'here';
  readonly architecture?: string;
  /** What a call of that name prints to standard error before it fails. */
  readonly failing?: Readonly<Record<string, string>>;
}

export interface FakeTool {
  /** Folder to put first on PATH. */
  readonly binDir: string;
  /** Every call, as its arguments. */
  calls(): readonly (readonly string[])[];
  forgetCalls(): void;
  /** Names of containers that run. */
  containers(): readonly string[];
  setImages(images: Readonly<Record<string, FakeImage>>): void;
  /** End the first process of every container, as the kernel does where memory is short. */
  kill(): void;
  /** What every call prints to standard error before it fails; undefined: it works. */
  break(stderr: string | undefined): void;
}

/**
 * A podman or docker of the test's own: it keeps the part of the command line that both document and that is used here,
 * writes every call down, refuses all others, and runs programs on this machine in a copy of the image's folder.
 */
export function createFakeTool(dir: string, program: 'podman' | 'docker'): FakeTool {
  const [binDir, state] = [join(dir, 'bin'), join(dir, 'state')];
  for (const folder of [binDir, join(state, 'containers')]) mkdirSync(folder, { recursive: true });
  cpSync(SCRIPT, join(state, 'tool.mjs'));
  const file = join(binDir, program);
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${state}/tool.mjs' ${program} "$@"\n`);
  chmodSync(file, 0o755);
  const calls = join(state, 'calls');
  writeFileSync(calls, '');
  writeFileSync(join(state, 'images.json'), '{}');
  return {
    binDir,
    calls: () =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): string[] => JSON.parse(line)),
    forgetCalls: () => writeFileSync(calls, ''),
    containers: () => readdirSync(join(state, 'containers')),
    setImages: (images) => writeFileSync(join(state, 'images.json'), JSON.stringify(images)),
    kill() {
      for (const name of readdirSync(join(state, 'containers')))
        process.kill(Number(readFileSync(join(state, 'containers', name, 'init'), 'utf8')), 'SIGKILL');
    },
    break(stderr) {
      const path = join(state, 'broken');
      if (stderr !== undefined) writeFileSync(path, stderr);
      else if (existsSync(path)) writeFileSync(path, '');
    },
  };
}
