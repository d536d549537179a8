import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiServer } from './api/api-server.ts';
import type { ApiResponse, StreamSink } from './api/request.ts';
import type { ServerCertificate } from './certificates.ts';

type Incoming = IncomingMessage | Http2ServerRequest;
type Outgoing = ServerResponse | Http2ServerResponse;

/** etcd takes no larger objects by default. */
const largestBody = 3 * 1024 * 1024;

export interface Listening {
  url: string;
  close: () => Promise<void>;
}

async function readBody(incoming: Incoming): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestBody) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}

const headersOf = (incoming: Incoming): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(incoming.headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

function cut(outgoing: Outgoing): void {
  if ('stream' in outgoing) outgoing.stream.session?.destroy();
  else outgoing.destroy();
}

function writeTo(outgoing: Outgoing, text: string): void {
  if ('stream' in outgoing) outgoing.write(text);
  else outgoing.write(text);
}

function stream(outgoing: Outgoing, open: (sink: StreamSink) => () => void): void {
  if ('stream' in outgoing) outgoing.writeHead(outgoing.statusCode);
  else outgoing.flushHeaders();
  const stop = open({
    write: (text) => {
      if (!outgoing.writableEnded && !outgoing.destroyed) writeTo(outgoing, text);
    },
    end: () => outgoing.end(),
    cut: () => cut(outgoing),
  });
  outgoing.on('close', stop);
}

function send(outgoing: Outgoing, response: ApiResponse): void {
  if (outgoing.destroyed) return;
  if (response.isCut === true) return cut(outgoing);
  outgoing.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers)) outgoing.setHeader(name, value);
  if (typeof response.body === 'string') outgoing.end(response.body);
  else stream(outgoing, response.body);
}

async function serve(server: ApiServer, incoming: Incoming, outgoing: Outgoing): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) {
    outgoing.statusCode = 413;
    outgoing.end();
    return;
  }
  const { method = 'GET', url = '/' } = incoming;
  send(outgoing, await server.handle({ method, url, headers: headersOf(incoming), body }));
}

/** The API on a loopback port, with HTTP/2 and HTTP/1.1 side by side. */
export function listenSecurely(server: ApiServer, certificate: ServerCertificate, port: number): Promise<Listening> {
  const sockets = new Set<Socket>();
  const { key, certificate: cert } = certificate;
  const http = createSecureServer({ key, cert, allowHTTP1: true }, (incoming, outgoing) => {
    // A caller that goes away while it sends gets no answer, and needs none.
    serve(server, incoming, outgoing).catch(() => cut(outgoing));
  });
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // Broken connections are a matter of the caller's.
  http.on('sessionError', () => {});
  http.on('clientError', () => {});
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      http.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => {
      const address: AddressInfo | string | null = http.address();
      const used = typeof address === 'object' && address !== null ? address.port : port;
      resolve({ url: `https://127.0.0.1:${used}`, close });
    });
  });
}
