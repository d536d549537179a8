import { createServer as createPlainServer, type IncomingHttpHeaders } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a test answers with: a whole answer, or one line after the other until the test ends or cuts it. */
export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** lines of a watch; the stream stays open after them unless `then` says otherwise */
  lines?: readonly unknown[];
  then?: 'end' | 'cut' | 'hang';
}

/** An API server of a few lines, on loopback, over HTTP/2, HTTP/1.1 or without TLS. */
export async function aFakeApi(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
  protocol: 'h2' | 'http/1.1' | 'plain' = 'h2',
) {
  const keys = protocol === 'plain' ? undefined : await certificate();
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const handle = async (request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { pathname, searchParams } = new URL(request.url, 'https://cluster');
    const seen = { method: request.method, path: pathname, query: searchParams, headers: request.headers, body };
    requests.push(seen);
    const { status = 200, headers = {}, body: sent, lines, then = 'hang' } = await answer(seen);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    if (!lines) return void response.end(typeof sent === 'string' ? sent : JSON.stringify(sent ?? {}));
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
    if (then === 'end') response.end();
    // Not before what was written has left.
    if (then === 'cut') setTimeout(() => (response.stream ? response.stream.session : request)?.socket?.destroy(), 20);
  };
  const listener = (request: unknown, response: unknown) =>
    void handle(request as Http2ServerRequest, response as Http2ServerResponse);
  const server =
    protocol === 'plain'
      ? createPlainServer(listener)
      : protocol === 'h2'
        ? createSecureServer({ ...keys, allowHTTP1: true }, listener)
        : createHttpsServer({ ...keys }, listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    endpoint: `${protocol === 'plain' ? 'http' : 'https'}://127.0.0.1:${port}`,
    ca: keys?.cert,
    requests,
    connections: () => connections,
    close,
  };
}

async function certificate(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'cluster' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
}

/** `Status`, with which the API server says no. */
export const aStatus = (reason: string, message: string, details: object = {}): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason,
  message,
  details,
});
