import { escapeControls } from '../../bytes/escape-controls.ts';
import type { Reporter } from '../../io/ports.ts';
import { type CliContext, chooseLooks, type LooksOptions } from '../context.ts';
import { stepSentence } from '../lang/steps.ts';
import { renderWarnings } from './calc.ts';
import { paint, textWidth } from './style.ts';

export interface ReporterOptions extends LooksOptions {
  readonly progress?: 'auto' | 'plain' | 'json' | 'none';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** A reporter to standard error, and the end of it: a live line is wiped. */
export interface ClosableReporter extends Reporter {
  close(): void;
}

const ERASE_LINE = '\r\u001b[2K';

/** Choose how progress is shown: one live line on a terminal, plain lines elsewhere and in CI, JSON lines, or nothing. */
export function makeReporter(context: CliContext, options: ReporterOptions): ClosableReporter {
  const live = context.stderrIsTerminal && !context.env.CI && context.env.TERM !== 'dumb';
  const mode =
    options.progress === 'auto' || options.progress === undefined
      ? live
        ? 'tty'
        : 'plain'
      : options.progress;
  const looks = chooseLooks(context, options, context.stderrIsTerminal);
  const print = (line: string): void => {
    context.stderr.write(`${line}\n`);
  };
  const warn: Reporter['warn'] = (finding) => {
    for (const line of renderWarnings([finding], looks)) print(line);
  };
  if (mode === 'json') return makeJsonReporter(print);
  if (mode === 'none' || options.quiet) {
    const nothing = (): void => undefined;
    return { step: nothing, progress: nothing, detail: nothing, warn, close: nothing };
  }
  const sentence: (...event: Parameters<Reporter['step']>) => string = (id, details) =>
    escapeControls(stepSentence(looks.lang, id, details ?? {}));
  const detail: Reporter['detail'] = options.verbose
    ? (text) => print(`  ${escapeControls(text)}`)
    : () => undefined;
  const done = paint(looks, 'green', looks.unicode ? '✓' : '*');
  if (mode === 'plain') {
    const printed = new Set<string>();
    return {
      step: (id, details) => print(`${done} ${sentence(id, details)}`),
      progress(id, details, count) {
        // A log needs to know what goes on, not every package: a line at each new matter and at each quarter of it.
        const quarter = count === undefined ? 0 : Math.floor((4 * count.done) / Math.max(1, count.total));
        const now = `${id} ${quarter}`;
        if (printed.has(now)) return;
        printed.add(now);
        print(`  ${sentence(id, details)}${count === undefined ? '' : ` ${count.done}/${count.total}`}`);
      },
      detail,
      warn,
      close: () => undefined,
    };
  }
  const wipe = (): void => {
    context.stderr.write(ERASE_LINE);
  };
  const above =
    <Args extends unknown[]>(write: (...args: Args) => void) =>
    (...args: Args): void => {
      wipe();
      write(...args);
    };
  return {
    step: above((id, details) => print(`${done} ${sentence(id, details)}`)),
    progress(id, details, count) {
      const text = `${sentence(id, details)}${count === undefined ? '' : ` ${count.done}/${count.total}`}`;
      context.stderr.write(`${ERASE_LINE}${cutToWidth(text, context.columns - 1)}`);
    },
    detail: above(detail),
    warn: above(warn),
    close: wipe,
  };
}

function makeJsonReporter(print: (line: string) => void): ClosableReporter {
  const event = (value: Record<string, unknown>): void => print(JSON.stringify(value));
  return {
    step: (id, details) => event({ event: 'step', id, details: details ?? {} }),
    progress: (id, details, count) => event({ event: 'progress', id, details: details ?? {}, ...count }),
    warn: (finding) => event({ event: 'warning', ...finding }),
    detail: (text) => event({ event: 'detail', text }),
    close: () => undefined,
  };
}

function cutToWidth(text: string, width: number): string {
  let cut = text;
  while (textWidth(cut) > width) cut = cut.slice(0, -1);
  return cut;
}
