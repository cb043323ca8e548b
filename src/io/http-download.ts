import { parseSha256 } from '../bytes/sha256.ts';
import { discard, type Exchange, type ExchangeOptions, openExchange } from './http-exchange.ts';
import { badReply, httpError, statusError, tooLarge } from './http-failure.ts';
import { openPart, type Part, type Validator } from './http-part.ts';
import { type RetryOptions, withRetries } from './http-retry.ts';
import type { HttpDownloaded, HttpDownloadRequest } from './ports.ts';

/** Less than this between two failures is no progress: a server that gives a byte at a time would be asked for ever. */
const GAIN_BYTES = 64 * 1024;

export interface DownloadOptions {
  readonly dispatcher: ExchangeOptions['dispatcher'];
  readonly signal: AbortSignal;
  readonly retry: Pick<RetryOptions, 'maxTries' | 'backoffMs'>;
}

/**
 * Download into a file, going on where an earlier try or an earlier run ended. The server decides by `If-Range` whether what
 * is there is still the beginning of what it has.
 *
 * @throws IoError HTTP_*, DISK_FULL, FILE_UNWRITABLE
 * @see RFC 9110 §13.1.5 (If-Range), §14.2 (Range)
 */
export async function downloadFile(
  request: HttpDownloadRequest,
  { dispatcher, signal, retry }: DownloadOptions,
): Promise<HttpDownloaded> {
  const { url, path, limitBytes, onRetry } = request;
  const part = await openPart(path, url, limitBytes);
  let resumedBytes = part.validator() === undefined ? 0 : part.sizeBytes();
  let countedBytes = part.sizeBytes();
  const hasGained = (): boolean => {
    const gained = part.sizeBytes() - countedBytes >= GAIN_BYTES;
    countedBytes = part.sizeBytes();
    return gained;
  };
  try {
    await withRetries({ url, signal, ...retry, onRetry, hasGained }, async () => {
      try {
        const took = await downloadOnce(part, request, { dispatcher, signal });
        if (took === 'anew') resumedBytes = 0;
      } catch (cause) {
        throw httpError(cause, url, signal);
      }
    });
    return { sha256: parseSha256(await part.finish()), sizeBytes: part.sizeBytes(), resumedBytes };
  } finally {
    await part.close();
  }
}

async function downloadOnce(
  part: Part,
  request: HttpDownloadRequest,
  options: Pick<ExchangeOptions, 'dispatcher' | 'signal'>,
): Promise<'anew' | 'resumed'> {
  const { url, limitBytes, onProgress } = request;
  const validator = part.validator();
  const exchange = await openExchange(url, {
    ...options,
    headers: validator === undefined ? {} : { range: `bytes=${part.sizeBytes()}-`, 'if-range': validator },
    accept: [200, 206, 416],
  });
  if (exchange.status === 416) {
    discard(exchange.body);
    if (validator === undefined) throw statusError(exchange.url, exchange.status);
    if (isWhole(part, exchange)) return 'resumed';
    await part.restart(undefined);
    return downloadOnce(part, request, options);
  }
  const totalBytes = exchange.status === 206 ? rangeTotal(part, exchange) : lengthOf(exchange);
  if (totalBytes !== undefined && totalBytes > limitBytes) {
    discard(exchange.body);
    throw tooLarge(url, limitBytes);
  }
  if (exchange.status === 200) await part.restart(readValidator(exchange));
  onProgress?.(part.sizeBytes(), totalBytes);
  for await (const chunk of exchange.body) {
    if (!(chunk instanceof Uint8Array)) continue;
    if (part.sizeBytes() + chunk.byteLength > limitBytes) throw tooLarge(url, limitBytes);
    await part.append(chunk);
    onProgress?.(part.sizeBytes(), totalBytes);
  }
  if (totalBytes !== undefined && part.sizeBytes() !== totalBytes)
    throw badReply(url, `${part.sizeBytes()} bytes in place of ${totalBytes}`);
  return exchange.status === 200 ? 'anew' : 'resumed';
}

/** Nothing is left to send because all is there; where not, the file on the server has become shorter. */
function isWhole(part: Part, exchange: Exchange): boolean {
  const [, total] = /^bytes \*\/(\d+)$/.exec(exchange.header('content-range') ?? '') ?? [];
  return total !== undefined && Number(total) === part.sizeBytes();
}

/** @see RFC 9110 §14.4: `bytes <first>-<last>/<complete length or *>` */
function rangeTotal(part: Part, exchange: Exchange): number | undefined {
  const range = exchange.header('content-range') ?? '';
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  if (first === undefined || Number(first) !== part.sizeBytes()) {
    discard(exchange.body);
    throw badReply(
      exchange.url,
      `the range "${range.slice(0, 60)}" where one from ${part.sizeBytes()} was asked for`,
    );
  }
  return total === undefined || total === '*' ? undefined : Number(total);
}

function lengthOf(exchange: Exchange): number | undefined {
  const length = exchange.header('content-length');
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** A weak tag says that two files mean the same, not that they have the same bytes (RFC 9110 §8.8.1). */
function readValidator(exchange: Exchange): Validator | undefined {
  const tag = exchange.header('etag');
  return tag !== undefined && /^"[\x21-\x7e]*"$/.test(tag) ? tag : exchange.header('last-modified');
}
