import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gatewayLimits } from './gateway.ts';
import type { GatewayRequest, GatewayResponse } from './http.ts';

/** Takes a request off the wire and sees it answered. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface LoopbackServer {
  port: number;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** 0 for any free one */
  port: number;
  /** Take any free port where this one is taken. */
  orAny?: boolean;
}

/** Listens on 127.0.0.1, and on ::1 where there is one; never on anything that another machine could reach. */
export async function listenOnLoopback(listener: Listener, options: LoopbackOptions): Promise<LoopbackServer> {
  // Above API Gateway's own limit, so that the gateway can answer and not the parser.
  const create = (): Server => createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 }, listener);
  const server = create();
  await listen(server, options.port, '127.0.0.1').catch((error: unknown) => {
    if (!options.orAny || !isTaken(error)) throw error;
    return listen(server, 0, '127.0.0.1');
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const servers = [server];
  const second = create();
  await listen(second, port, '::1').then(
    () => servers.push(second),
    () => undefined,
  );
  return {
    port,
    async close() {
      await Promise.all(servers.map(closeServer));
    },
  };
}

export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Reads a request whole; of a body above the gateway's limit just enough to see that it is. */
export async function readRequest(request: IncomingMessage): Promise<GatewayRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (bytes <= gatewayLimits.bodyBytes) chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
  }
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: pairs(request.rawHeaders),
    body: Buffer.concat(chunks),
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    httpVersion: request.httpVersion,
  };
}

const pairs = (raw: readonly string[]): Array<readonly [string, string]> =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));

/** Sends a response whole. */
export function sendResponse(response: ServerResponse, { status, headers, body }: GatewayResponse): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.end(body);
}
