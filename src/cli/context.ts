import type { Readable, Writable } from 'node:stream';
import type { Lang } from './lang/lang.ts';

/** What a command may touch of the world around it. */
export interface CliContext {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Fires on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
  /** Whether block characters and arrows can be shown. */
  readonly unicode: boolean;
}

/** The choices of looks, from flags and environment. */
export interface Looks {
  readonly lang: Lang;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly columns: number;
}

export interface LooksOptions {
  readonly lang?: string;
  readonly color?: string;
}

/** `--color auto` colours a terminal unless `NO_COLOR` is set (https://no-color.org); `--lang` falls back to the locale. */
export function chooseLooks(context: CliContext, options: LooksOptions, isTerminal: boolean): Looks {
  const { env } = context;
  const color =
    options.color === 'always' ||
    (options.color !== 'never' && isTerminal && !env.NO_COLOR && env.TERM !== 'dumb');
  return { lang: chooseLang(env, options.lang), color, unicode: context.unicode, columns: context.columns };
}

function chooseLang(env: CliContext['env'], asked: string | undefined): Lang {
  if (asked === 'ja' || asked === 'en') return asked;
  // POSIX: LC_ALL before LC_MESSAGES before LANG
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return locale.startsWith('ja') ? 'ja' : 'en';
}

/** Make the context of this process. `signal` aborts with the name of the signal received. */
export function makeContext(process: NodeJS.Process, signal: AbortSignal): CliContext {
  const locale = process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '';
  const columns = Number(process.env.COLUMNS) || process.stdout.columns || process.stderr.columns || 80;
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    signal,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    columns: Math.max(40, Math.min(columns, 200)),
    unicode: /utf-?8/i.test(locale),
  };
}
