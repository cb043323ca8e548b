import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { IoError } from './errors.ts';
import { badReply, statusError } from './http-failure.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Bytes of a page read to its end for the sake of the connection; a longer one closes it. */
const DUMP_BYTES = 64 * 1024;

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are taken; every other is an error. */
  readonly accept: readonly number[];
}

/** An answer whose body is still to be read. */
export interface Exchange {
  readonly status: number;
  /** Where it came from in the end. */
  readonly url: string;
  readonly body: Readable;
  header(name: string): string | undefined;
}

/**
 * Send a GET and follow redirects: at most five, and never from https to http.
 *
 * @throws IoError HTTP_REDIRECT_REFUSED, HTTP_NOT_FOUND, HTTP_STATUS, HTTP_BAD_REPLY; errors of undici
 */
export async function openExchange(start: string, options: ExchangeOptions): Promise<Exchange> {
  const { request } = await import('undici');
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const reply = await request(url, {
      dispatcher: options.dispatcher,
      signal: options.signal,
      // Bytes are hashed as they come: what packs them on the way would change them.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'mape-image', ...options.headers },
    });
    const header = (name: string): string | undefined => {
      const value = reply.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    if (REDIRECTS.has(reply.statusCode)) {
      await reply.body.dump({ limit: DUMP_BYTES });
      url = checkRedirect(url, header('location'), redirects);
      continue;
    }
    if (!options.accept.includes(reply.statusCode)) {
      discard(reply.body);
      throw statusError(url, reply.statusCode);
    }
    const encoding = header('content-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      discard(reply.body);
      throw badReply(url, `a body packed with ${encoding}, which was not asked for`);
    }
    return { status: reply.statusCode, url, body: reply.body, header };
  }
}

/** Close an answer whose body nobody wants. */
export function discard(body: Readable): void {
  // Being closed early is an error to undici, and one without a listener would end the program.
  body.on('error', () => undefined).destroy();
}

function checkRedirect(from: string, location: string | undefined, redirects: number): string {
  if (redirects >= MAX_REDIRECTS) throw redirectError(from, location, 'too-many');
  if (location === undefined || !URL.canParse(location, from)) throw redirectError(from, location, 'nowhere');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw redirectError(from, location, 'protocol');
  if (from.startsWith('https:') && to.protocol === 'http:') throw redirectError(from, location, 'downgrade');
  return to.href;
}

const REFUSED = {
  'too-many': `more than ${MAX_REDIRECTS} of them`,
  nowhere: 'one to no address',
  protocol: 'one to another protocol',
  downgrade: 'one from https to http',
} as const;

function redirectError(url: string, location: string | undefined, reason: keyof typeof REFUSED): IoError {
  const to = location ?? '';
  return new IoError('HTTP_REDIRECT_REFUSED', {
    message: `wanted redirects that lead to a file, found ${REFUSED[reason]} at ${url}`,
    hint: 'give another server with --mirror',
    details: { url, location: to.slice(0, 300), reason },
  });
}
