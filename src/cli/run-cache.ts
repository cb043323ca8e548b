import { listCache } from '../flow/cache.ts';
import { pruneCache } from '../flow/cache-prune.ts';
import { verifyCache } from '../flow/cache-verify.ts';
import type { CacheOptions, CachePruneOptions, CacheVerifyOptions } from './commands/cache.ts';
import { type CliContext, chooseLooks, type Looks } from './context.ts';
import { CliError } from './errors.ts';
import { itemDocument, renderItems, renderPruned, renderVerdict } from './output/cache.ts';
import type { ExitCode } from './program.ts';
import { type Session, withSession } from './session.ts';

/** `mape-image cache list`. */
export function runCacheList(context: CliContext, options: CacheOptions): Promise<ExitCode> {
  return withCache(context, options, async (session, { print, looks }) => {
    const items = await listCache(session.ports, session);
    const totalBytes = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const document = {
      schema: 'mape-image/cache-list@1',
      ok: true,
      cacheDir: session.cacheDir,
      logDir: session.logDir,
      totalBytes,
      items: items.map(itemDocument),
    };
    print(document, () => renderItems(items, session.cacheDir, looks));
  });
}

/** `mape-image cache verify`. */
export function runCacheVerify(context: CliContext, options: CacheVerifyOptions): Promise<ExitCode> {
  return withCache(context, options, async (session, { print, looks }) => {
    const verdict = await verifyCache(session.ports, session, { fix: options.fix === true });
    const document = { schema: 'mape-image/cache-verify@1', ok: true, ...verdict };
    print(document, () => renderVerdict(verdict, looks));
  });
}

/** `mape-image cache prune`. */
export function runCachePrune(context: CliContext, options: CachePruneOptions): Promise<ExitCode> {
  const olderThanMs = options.olderThan === undefined ? undefined : parseAge(options.olderThan);
  const keep = options.keep === undefined ? undefined : parseKeep(options.keep);
  return withCache(context, options, async (session, { print, looks }) => {
    const dryRun = options.dryRun === true;
    const pruned = await pruneCache(session.ports, session, { olderThanMs, keep, dryRun });
    const document = {
      schema: 'mape-image/cache-prune@1',
      ok: true,
      dryRun,
      freedBytes: pruned.removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      removed: pruned.removed.map(itemDocument),
      inUse: pruned.inUse.map(itemDocument),
      kept: pruned.kept.map(itemDocument),
    };
    print(document, () => renderPruned(pruned, dryRun, looks));
  });
}

interface Out {
  readonly looks: Looks;
  print(document: Record<string, unknown>, render: () => readonly string[]): void;
}

function withCache(
  context: CliContext,
  options: CacheOptions,
  work: (session: Session, out: Out) => Promise<void>,
): Promise<ExitCode> {
  const looks = chooseLooks(context, options, context.stdoutIsTerminal);
  return withSession(context, options, async (session) => {
    await work(session, {
      looks,
      print: (document, render) => {
        const lines = options.json ? [JSON.stringify(document)] : render();
        context.stdout.write(`${lines.join('\n')}\n`);
      },
    });
    return 0;
  });
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

function parseAge(text: string): number {
  const [, amount, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (unit === 'h' || unit === 'd' || unit === 'w') return Number(amount) * UNIT_MS[unit];
  throw wrongValue('--older-than', text, 'a number with h, d or w behind it, such as 90d');
}

function parseKeep(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw wrongValue('--keep', text, 'a whole number, such as 2');
}

function wrongValue(name: string, value: string, wanted: string): CliError {
  const text = `${name} wants ${wanted}, found ${JSON.stringify(value)}`;
  return new CliError('USAGE', {
    message: text,
    hint: 'see mape-image help cache',
    details: { reason: 'value', text },
  });
}
