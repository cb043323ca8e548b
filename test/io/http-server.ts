import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { onTestFinished } from 'vitest';
import { readFixture } from '../support/fixtures.ts';

/** Listen on loopback; `http://127.0.0.1:<port>`. */
export function listen(server: Server, protocol: 'http' | 'https' = 'http'): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve(`${protocol}://127.0.0.1:${address.port}`);
    });
  });
}

/** A server of one test's own. */
export async function startServer(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server);
}

/** The same with a certificate for 127.0.0.1 that nobody but the tests trusts. */
export async function startTlsServer(
  handle: RequestListener,
  certificate: 'loopback' | 'expired' = 'loopback',
): Promise<string> {
  const server = createTlsServer(
    { key: readFixture('fetch/loopback.key'), cert: readFixture(`fetch/${certificate}.crt`) },
    handle,
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server, 'https');
}

/**
 * Answer as nginx does: a strong tag, one range, `If-Range`.
 *
 * @returns bytes sent
 */
export function serveFile(request: IncomingMessage, response: ServerResponse, file?: Uint8Array): number {
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>404</html>');
    return 0;
  }
  const etag = `"${createHash('sha256').update(file).digest('hex').slice(0, 16)}"`;
  const { range, 'if-range': ifRange } = request.headers;
  const [, first] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  const start = first !== undefined && (ifRange === undefined || ifRange === etag) ? Number(first) : 0;
  if (start >= file.byteLength && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${file.byteLength}` }).end();
    return 0;
  }
  const body = file.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': body.byteLength,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${file.byteLength - 1}/${file.byteLength}` } : {}),
  });
  response.end(body);
  return body.byteLength;
}

/** Send what `serveFile` would, but cut the line after so many bytes of the body. */
export function serveAndDrop(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  bytes: number,
): void {
  const end = response.end.bind(response);
  Reflect.set(response, 'end', (body?: Uint8Array) => {
    if (!(body instanceof Uint8Array) || body.byteLength <= bytes) return end(body);
    response.write(body.subarray(0, bytes), () => response.destroy());
    return response;
  });
  serveFile(request, response, file);
}
