import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { createHttpPort, type HttpLimits, offlineHttp } from '../../src/io/http.ts';
import type { HttpRetry } from '../../src/io/ports.ts';
import { listen, serveAndDrop, serveFile, startServer, startTlsServer } from './http-server.ts';
import { codeOf, createTempDir } from './ports.ts';

const LIMITS: Partial<HttpLimits> = { backoffMs: 1, maxTries: 3, idleTimeoutMs: 5000, getTimeoutMs: 5000 };
const port = (options: { env?: Record<string, string>; signal?: AbortSignal } & Partial<HttpLimits> = {}) => {
  const { env = {}, signal = new AbortController().signal, ...limits } = options;
  return createHttpPort({ env, signal, limits: { ...LIMITS, ...limits } });
};

/** A server that counts, and answers by a list: the last entry holds for all that follow. */
async function startCounting(...answers: readonly RequestListener[]) {
  const seen: IncomingMessage[] = [];
  const url = await startServer((request, response) => {
    seen.push(request);
    (answers[seen.length - 1] ?? answers.at(-1))?.(request, response);
  });
  return { url, seen };
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(code, headers).end('an answer');
  };
const send =
  (body: string | Uint8Array): RequestListener =>
  (_request, response) => {
    response.end(body);
  };
const drop: RequestListener = (request) => request.socket.destroy();
const never: RequestListener = () => undefined;
const get = (url: string, options: Parameters<typeof port>[0] = {}, limitBytes = 1000) =>
  port(options).get({ url, limitBytes });

describe('get', () => {
  it('gives the bytes', async () => {
    const { url } = await startCounting(send(Buffer.from([0, 255, 10])));
    expect([...(await get(url))]).toEqual([0, 255, 10]);
  });

  it.each([
    ['404 once', [status(404)], 'HTTP_NOT_FOUND', 1],
    ['410 once', [status(410)], 'HTTP_NOT_FOUND', 1],
    ['403 once', [status(403)], 'HTTP_STATUS', 1],
    ['304, which was not asked for, once', [status(304)], 'HTTP_STATUS', 1],
    ['206, which was not asked for, once', [status(206)], 'HTTP_STATUS', 1],
    ['500, then right', [status(500), send('ok')], 'none', 2],
    ['429, then right', [status(429), send('ok')], 'none', 2],
    ['500 for ever', [status(500)], 'HTTP_STATUS', 3],
    ['a line that drops, then right', [drop, send('ok')], 'none', 2],
    ['a line that drops for ever', [drop], 'HTTP_UNREACHABLE', 3],
    ['a packed body', [status(200, { 'content-encoding': 'gzip' })], 'HTTP_BAD_REPLY', 1],
    ['too long by its header', [send('x'.repeat(1001))], 'HTTP_TOO_LARGE', 1],
    [
      'too long without a header',
      [
        (_: IncomingMessage, response: ServerResponse) => {
          response.write('x'.repeat(999));
          response.end('yy');
        },
      ],
      'HTTP_TOO_LARGE',
      1,
    ],
  ] as const)('%s', async (_name, answers, code, requests) => {
    const { url, seen } = await startCounting(...answers);
    expect(await codeOf(get(url))).toBe(code);
    expect(seen).toHaveLength(requests);
  });

  it.each([
    ['no headers', never, { idleTimeoutMs: 50, maxTries: 2 }],
    [
      'half a body',
      (_: IncomingMessage, response: ServerResponse) => void response.write('x'),
      { idleTimeoutMs: 50, maxTries: 2 },
    ],
    [
      'a byte now and then',
      (_: IncomingMessage, response: ServerResponse) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
      { getTimeoutMs: 100, maxTries: 2 },
    ],
  ] as const)('does not wait for ever: %s', async (_name, answer, limits) => {
    const { url, seen } = await startCounting(answer);
    expect(await codeOf(get(url, limits))).toBe('HTTP_TIMEOUT');
    expect(seen).toHaveLength(2);
  });

  it('tells a refused connection, without trying again', async () => {
    const server = createRawServer();
    const url = await listen(server);
    server.close();
    await once(server, 'close');
    const retries: HttpRetry[] = [];
    const request = { url, limitBytes: 10, onRetry: (retry: HttpRetry) => retries.push(retry) };
    expect(await codeOf(port().get(request))).toBe('HTTP_UNREACHABLE');
    expect(retries).toEqual([]);
  });

  it('tells what is no HTTP', async () => {
    const server = createRawServer((socket) => socket.once('data', () => socket.end('SSH-2.0-dropbear\r\n')));
    onTestFinished(() => void server.close());
    expect(await codeOf(get(await listen(server)))).toBe('HTTP_BAD_REPLY');
  });

  it('says when it tries again, and waits twice as long each time', async () => {
    const { url } = await startCounting(status(503));
    const retries: HttpRetry[] = [];
    const request = { url, limitBytes: 10, onRetry: (retry: HttpRetry) => retries.push(retry) };
    await codeOf(port({ maxTries: 4 }).get(request));
    expect(retries.map(({ waitMs }) => waitMs)).toEqual([1, 2, 4]);
    expect(new Set(retries.map(({ code }) => code))).toEqual(new Set(['HTTP_STATUS']));
  });

  it('ends with the signal, in a request and between two', async () => {
    for (const answer of [never, status(500)]) {
      const controller = new AbortController();
      const { url } = await startCounting((request, response) => {
        answer(request, response);
        setImmediate(() => controller.abort());
      });
      const signal = controller.signal;
      expect(await codeOf(get(url, { signal, backoffMs: 60_000 }))).toBe('INTERRUPTED');
    }
  });

  it('asks for nothing packed, and says who it is', async () => {
    const { url, seen } = await startCounting(send('ok'));
    await get(url);
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
    expect(seen[0]?.headers['user-agent']).toBe('mape-image');
  });
});

describe('redirects', () => {
  const to = (location: string, code = 302): RequestListener => status(code, { location });

  it.each([301, 302, 303, 307, 308])('%i is followed, relative as well', async (code) => {
    const { url, seen } = await startCounting(to('/b/c', code), to('d?x=1'), send('there'));
    expect(Buffer.from(await get(url)).toString()).toBe('there');
    expect(seen.map((request) => request.url)).toEqual(['/', '/b/c', '/b/d?x=1']);
  });

  it.each([
    ['a loop', to('/'), 6],
    ['one to nowhere', status(302), 1],
    ['one to no address', to('http://'), 1],
    ['one to a file', to('file:///etc/passwd'), 1],
  ] as const)('%s is refused', async (_name, answer, requests) => {
    const { url, seen } = await startCounting(answer);
    expect(await codeOf(get(url))).toBe('HTTP_REDIRECT_REFUSED');
    expect(seen).toHaveLength(requests);
  });
});

describe('https', () => {
  it.each(['loopback', 'expired'] as const)(
    'a certificate nobody trusts is refused: %s',
    async (certificate) => {
      const url = await startTlsServer(send('secret'), certificate);
      expect(await codeOf(get(url))).toBe('HTTP_TLS');
    },
  );
});

describe('a proxy', () => {
  it('is asked with the whole address, but not for what no_proxy names', async () => {
    const proxy = await startCounting(send('by the proxy'));
    const server = await startCounting(send('by the server'));
    const env = { http_proxy: proxy.url };
    const text = async (extra: Record<string, string>) =>
      Buffer.from(await get(`${server.url}/a`, { env: { ...env, ...extra } })).toString();
    expect(await text({})).toBe('by the proxy');
    expect(proxy.seen[0]?.url).toBe(`${server.url}/a`);
    expect(await text({ NO_PROXY: '127.0.0.1' })).toBe('by the server');
  });

  it('is asked to connect where the server speaks https', async () => {
    const asked: string[] = [];
    const proxy = createRawServer((socket) => {
      socket.once('data', (data) => {
        asked.push(data.toString('latin1').split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    onTestFinished(() => void proxy.close());
    const env = { HTTPS_PROXY: await listen(proxy) };
    expect(await codeOf(get('https://downloads.example/', { env, maxTries: 1 }))).toBe('HTTP_UNREACHABLE');
    expect(asked).toEqual(['CONNECT downloads.example:443 HTTP/1.1']);
  });

  it.each(['proxy:3128', 'socks5://127.0.0.1:1080', 'http://', 'x'])('is no %j', async (value) => {
    expect(await codeOf(get('http://127.0.0.1:9/', { env: { HTTP_PROXY: value } }))).toBe('PROXY_INVALID');
  });
});

describe('offline', () => {
  it('opens no connection', async () => {
    const { url, seen } = await startCounting(send('ok'));
    const path = join(createTempDir(), 'f');
    expect(await codeOf(offlineHttp.get({ url, limitBytes: 10 }))).toBe('HTTP_OFFLINE');
    expect(await codeOf(offlineHttp.download({ url, limitBytes: 10, path }))).toBe('HTTP_OFFLINE');
    expect(seen).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });
});

/** Two MiB in which no piece is like the one before. */
const FILE = Buffer.alloc(
  2 * 1024 * 1024,
  Buffer.from(Array.from({ length: 251 }, (_, index) => (index * 97) % 256)),
);
const DIGEST = computeSha256(FILE);

describe('download', () => {
  const serve: RequestListener = (request, response) => void serveFile(request, response, FILE);
  const dropAfter =
    (bytes: number): RequestListener =>
    (request, response) =>
      serveAndDrop(request, response, FILE, bytes);
  const download = (
    url: string,
    options: { path: string; limitBytes?: number } & NonNullable<Parameters<typeof port>[0]>,
  ) => {
    const { path, limitBytes = 1e7, ...rest } = options;
    return port(rest).download({ url, path, limitBytes });
  };
  const newPath = () => join(createTempDir(), 'new/file');

  it('writes the file, gives its digest, and tells how far it is', async () => {
    const { url } = await startCounting(serve);
    const path = newPath();
    const seen: (readonly [number, number | undefined])[] = [];
    const request = { url, path, limitBytes: 1e7 };
    const found = await port().download({ ...request, onProgress: (...now) => seen.push(now) });
    expect(found).toEqual({ sha256: DIGEST, sizeBytes: FILE.byteLength, resumedBytes: 0 });
    expect(readFileSync(path).equals(FILE)).toBe(true);
    expect(seen[0]).toEqual([0, FILE.byteLength]);
    expect(seen.at(-1)).toEqual([FILE.byteLength, FILE.byteLength]);
  });

  it('goes on where the line dropped, as often as it takes', async () => {
    const { url, seen } = await startCounting(dropAfter(400_000));
    const path = newPath();
    expect((await download(url, { path })).sha256).toBe(DIGEST);
    expect(readFileSync(path).equals(FILE)).toBe(true);
    const ranges = seen.map(({ headers }) => Number(/\d+/.exec(headers.range ?? '0')?.[0]));
    expect(ranges.length).toBeGreaterThan(4);
    expect(ranges).toEqual([...new Set(ranges)].sort((a, b) => a - b));
    expect(seen.slice(1).every(({ headers }) => headers['if-range'] !== undefined)).toBe(true);
  });

  it('gives the same bytes wherever the line drops', async () => {
    const cuts = fc.array(fc.nat({ max: FILE.byteLength - 1 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, async (positions) => {
        let requests = 0;
        const server = createServer((request, response) => {
          const bytes = positions[requests];
          requests += 1;
          if (bytes === undefined) serveFile(request, response, FILE);
          else serveAndDrop(request, response, FILE, bytes);
        });
        const path = newPath();
        const found = await download(await listen(server), { path, maxTries: 10 });
        server.close();
        expect(found.sha256).toBe(DIGEST);
        expect(readFileSync(path).equals(FILE)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('gives up where every try brings next to nothing', async () => {
    const { url, seen } = await startCounting(dropAfter(1000));
    expect(await codeOf(download(url, { path: newPath() }))).toBe('HTTP_UNREACHABLE');
    expect(seen).toHaveLength(3);
  });

  it('goes on where an earlier run was ended', async () => {
    const controller = new AbortController();
    const { url, seen } = await startCounting((request, response) => {
      response.on('close', () => undefined);
      serveAndDrop(request, response, FILE, 1_000_000);
    }, serve);
    const path = newPath();
    const request = {
      url,
      path,
      limitBytes: 1e7,
      onProgress: (done: number) => done > 100_000 && controller.abort(),
    };
    expect(await codeOf(port({ signal: controller.signal }).download(request))).toBe('INTERRUPTED');
    const left = readFileSync(path).byteLength;
    expect(left).toBeGreaterThan(100_000);
    const found = await download(url, { path });
    expect(found).toEqual({ sha256: DIGEST, sizeBytes: FILE.byteLength, resumedBytes: left });
    expect(seen.at(-1)?.headers.range).toBe(`bytes=${left}-`);
    expect(readFileSync(path).equals(FILE)).toBe(true);
  });

  /** What an earlier run left of a download. */
  async function leavePart(path: string, url: string, data: Uint8Array, note: unknown = undefined) {
    await port().get({ url, limitBytes: 1e7 });
    writeFileSync(path, data);
    const etag = `"${computeSha256(FILE).slice(0, 16)}"`;
    writeFileSync(
      `${path}.json`,
      note === undefined ? JSON.stringify({ url, validator: etag }) : String(note),
    );
  }

  it.each([
    ['a beginning', FILE.subarray(0, 1000), undefined, 1000],
    ['all of it', FILE, undefined, FILE.byteLength],
    ['more than all', Buffer.concat([FILE, FILE]), undefined, 0],
    ['nothing', Buffer.alloc(0), undefined, 0],
    ['a beginning from elsewhere', FILE.subarray(0, 1000), '{"url":"http://x/","validator":"\\"a\\""}', 0],
    ['a beginning with a spoiled note', FILE.subarray(0, 1000), '{"url', 0],
    ['a beginning with a note of another form', FILE.subarray(0, 1000), '[]', 0],
  ])('takes up %s', async (_name, data, note, resumedBytes) => {
    const { url } = await startCounting(serve);
    const path = join(createTempDir(), 'file');
    await leavePart(path, url, data, note);
    expect(await download(url, { path })).toEqual({
      sha256: DIGEST,
      sizeBytes: FILE.byteLength,
      resumedBytes,
    });
    expect(readFileSync(path).equals(FILE)).toBe(true);
  });

  it('begins anew where the file has changed on the server', async () => {
    const path = join(createTempDir(), 'file');
    const { url } = await startCounting(serve);
    await leavePart(path, url, FILE.subarray(0, 1000), JSON.stringify({ url, validator: '"yesterday"' }));
    expect(await download(url, { path })).toEqual({
      sha256: DIGEST,
      sizeBytes: FILE.byteLength,
      resumedBytes: 0,
    });
  });

  it.each([
    ['no tag', {}],
    ['a weak tag', { etag: 'W/"x"' }],
  ])(
    'with %s it begins anew after a drop, for nothing says that the file is the same',
    async (_name, headers) => {
      const { url, seen } = await startCounting(
        (_request, response) => {
          response.writeHead(200, { ...headers, 'content-length': FILE.byteLength });
          response.write(FILE.subarray(0, 900_000), () => response.destroy());
        },
        (_request, response) => void response.end(FILE),
      );
      expect(await download(url, { path: newPath() })).toMatchObject({ sha256: DIGEST, resumedBytes: 0 });
      expect(seen[1]?.headers.range).toBeUndefined();
    },
  );

  it('goes by the date where there is no tag', async () => {
    const date = 'Wed, 01 Jul 2026 00:00:00 GMT';
    const { url, seen } = await startCounting((_request, response) => {
      response.writeHead(200, { 'last-modified': date, 'content-length': FILE.byteLength });
      response.write(FILE.subarray(0, 900_000), () => response.destroy());
    }, serve);
    expect((await download(url, { path: newPath() })).sha256).toBe(DIGEST);
    expect(seen[1]?.headers['if-range']).toBe(date);
  });

  it('refuses another range than the one asked for', async () => {
    const path = join(createTempDir(), 'file');
    const { url } = await startCounting(serve, (_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 0-9/${FILE.byteLength}` }).end('0123456789');
    });
    await leavePart(path, url, FILE.subarray(0, 1000));
    expect(await codeOf(download(url, { path }))).toBe('HTTP_BAD_REPLY');
  });

  it.each([
    ['by its header', (_: IncomingMessage, response: ServerResponse) => void response.end(FILE)],
    [
      'without a header',
      (_: IncomingMessage, response: ServerResponse) => {
        response.write(FILE.subarray(0, 1_000_000));
        response.end(FILE);
      },
    ],
  ])('refuses what is too large %s, and keeps no byte above the limit', async (_name, answer) => {
    const { url, seen } = await startCounting(answer);
    const path = newPath();
    expect(await codeOf(download(url, { path, limitBytes: 1_500_000 }))).toBe('HTTP_TOO_LARGE');
    expect(seen).toHaveLength(1);
    expect(readFileSync(path).byteLength).toBeLessThanOrEqual(1_500_000);
  });

  it('does not take a short file for a whole one', async () => {
    const { url } = await startCounting((_request, response) => {
      response.writeHead(200, { 'content-length': FILE.byteLength, connection: 'close' });
      response.write(FILE.subarray(0, 1000), () => response.socket?.end());
    });
    expect(await codeOf(download(url, { path: newPath() }))).toBe('HTTP_UNREACHABLE');
  });

  it('says which folder cannot be written', async () => {
    const { url } = await startCounting(serve);
    expect(await codeOf(download(url, { path: '/proc/none/file' }))).toBe('FILE_MISSING');
  });
});
