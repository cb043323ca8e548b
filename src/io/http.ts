import type { Dispatcher } from 'undici';
import { anySignal } from './abort.ts';
import { IoError } from './errors.ts';
import { downloadFile } from './http-download.ts';
import { openExchange } from './http-exchange.ts';
import { httpError, tooLarge } from './http-failure.ts';
import { withRetries } from './http-retry.ts';
import type { HttpGetRequest, HttpPort } from './ports.ts';

export interface HttpLimits {
  readonly connectTimeoutMs: number;
  /** Until the headers, and between two pieces of a body. */
  readonly idleTimeoutMs: number;
  /** For a whole `get`, each try by itself; a download may take as long as it goes on. */
  readonly getTimeoutMs: number;
  readonly maxTries: number;
  readonly backoffMs: number;
}

const LIMITS: HttpLimits = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  getTimeoutMs: 60_000,
  maxTries: 5,
  backoffMs: 500,
};

export interface HttpOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly limits?: Partial<HttpLimits> | undefined;
}

/** Requests over this machine's network. Nothing of HTTP is loaded before the first of them. */
export function createHttpPort({ env, signal, limits }: HttpOptions): HttpPort {
  const bounds = { ...LIMITS, ...limits };
  const { maxTries, backoffMs } = bounds;
  let agent: Promise<Dispatcher> | undefined;
  const dispatcher = (): Promise<Dispatcher> => {
    agent ??= createAgent(env, bounds);
    return agent;
  };
  return {
    get: async (request) => {
      const options = { url: request.url, signal, maxTries, backoffMs, onRetry: request.onRetry };
      const through = await dispatcher();
      return withRetries(options, async () => {
        try {
          return await getOnce(request, through, signal, bounds.getTimeoutMs);
        } catch (cause) {
          throw httpError(cause, request.url, signal);
        }
      });
    },
    download: async (request) =>
      downloadFile(request, {
        dispatcher: await dispatcher(),
        signal,
        retry: { maxTries, backoffMs },
      }),
  };
}

/** In place of the network where the user wants none: every request is refused before anything is opened. */
export const offlineHttp: HttpPort = {
  get: async ({ url }) => refuse(url),
  download: async ({ url }) => refuse(url),
};

function refuse(url: string): never {
  throw new IoError('HTTP_OFFLINE', {
    message: `wanted ${url}, found that --offline forbids the network`,
    hint: 'leave --offline out, or fetch it once while there is a network',
    details: { url },
  });
}

async function getOnce(
  { url, limitBytes }: HttpGetRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Uint8Array> {
  const either = anySignal(signal, AbortSignal.timeout(timeoutMs)) ?? signal;
  const exchange = await openExchange(url, { dispatcher, signal: either, accept: [200] });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of exchange.body) {
    if (!(chunk instanceof Uint8Array)) continue;
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw tooLarge(url, limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

async function createAgent(env: HttpOptions['env'], limits: HttpLimits): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici');
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  const httpProxy = checkProxy('HTTP_PROXY', read('HTTP_PROXY'));
  const httpsProxy = checkProxy('HTTPS_PROXY', read('HTTPS_PROXY'));
  return new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy,
    noProxy: read('NO_PROXY'),
    // A proxy that lets CONNECT pass to port 443 alone is common.
    proxyTunnel: false,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.idleTimeoutMs,
    bodyTimeout: limits.idleTimeoutMs,
  });
}

function checkProxy(name: string, value: string): string {
  if (value === '' || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) return value;
  // The value may hold a password.
  throw new IoError('PROXY_INVALID', {
    message: `wanted the address of a proxy in ${name}, found something else`,
    hint: 'write it as http://proxy.example:3128',
    details: { name },
  });
}
