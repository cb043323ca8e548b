import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const PROJECT_ROOT = join(import.meta.dirname, '../..');
export const MAIN = join(PROJECT_ROOT, 'dist/main.js');

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Program and arguments to run node under, such as `setpriv …` or `sh -c 'umask …; exec "$@"' sh`. */
  readonly under?: readonly string[];
  /** The program's `main.js`; absent: that of this checkout. */
  readonly main?: string;
}

/** A folder of this test file's own, removed at its end. */
export function makeTempDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mape-test-')));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * A copy of the program as it is published, readable for everyone: the checkout may lie in a home no other user can enter.
 * The path of its `main.js`.
 */
export function installCopy(dir: string): string {
  const lock = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8'));
  const packages: [string, { dev?: boolean; optional?: boolean }][] = Object.entries(lock.packages);
  // Of the prebuilt parts for each kind of machine, npm installs the one for this machine.
  const needed = packages
    .filter(([path, { dev, optional }]) => {
      if (path === '' || dev === true) return false;
      return optional !== true || existsSync(join(PROJECT_ROOT, path));
    })
    .map(([path]) => path);
  for (const path of ['package.json', 'dist', 'overlays', 'profiles', ...needed]) {
    cpSync(join(PROJECT_ROOT, path), join(dir, path), { recursive: true });
  }
  execFileSync('chmod', ['-R', 'a+rX', dir]);
  return join(dir, 'dist/main.js');
}

const home = makeTempDir();

/** An environment in which nothing of the person's own has a say. */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, HOME: home, LC_ALL: 'C.UTF-8', ...extra };
}

export function startCli(args: readonly string[], options: CliOptions = {}) {
  const [file = process.execPath, ...rest] = [
    ...(options.under ?? []),
    process.execPath,
    options.main ?? MAIN,
    ...args,
  ];
  return spawn(file, rest, {
    cwd: options.cwd ?? home,
    env: cleanEnv(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Run the built program as a process. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const exitCode = await new Promise<number>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : -1)));
  });
  return { exitCode, stdout, stderr };
}
