import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../../lib/local/cluster/certificates.ts';
import type { ClusterAccess } from './cluster.ts';

/** What a proxy does with a request: an answer of its own, another path and query, or undefined to pass it on as it is. */
export type Meddling = (asked: {
  method: string;
  url: URL;
}) => { status: number; headers?: Record<string, string>; body: object } | { url: URL } | undefined;

export interface ApiProxy {
  access: Pick<ClusterAccess, 'endpoint' | 'ca'>;
  /** paths and queries as they were asked for, oldest first */
  asked: URL[];
  close(): Promise<void>;
}

/** A load balancer before an API server, which reads what goes through it and may answer by itself. */
export async function startApiProxy({ endpoint, ca }: ClusterAccess, meddle: Meddling): Promise<ApiProxy> {
  const { key, certificate: cert, authority } = await makeCertificate(Date.now());
  const asked: URL[] = [];

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, url: URL): void {
    const { method, headers } = incoming;
    const onward = request(url, { method, ca, agent: false, headers: { ...headers, host: url.host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', endpoint);
    asked.push(url);
    const meddled = meddle({ method: incoming.method ?? 'GET', url });
    if (meddled && 'status' in meddled) {
      outgoing.writeHead(meddled.status, { 'content-type': 'application/json', ...meddled.headers });
      outgoing.end(JSON.stringify(meddled.body));
    } else pass(incoming, outgoing, meddled?.url ?? url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    access: { endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: authority },
    asked,
    async close() {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}
