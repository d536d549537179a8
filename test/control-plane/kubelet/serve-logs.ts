import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { LogOptions } from '../../../lib/local/cluster/kubelet/logs.ts';

export interface LogServer {
  port: number;
  close(): Promise<void>;
}

interface Options {
  key: string;
  certificate: string;
  logsOf: (namespace: string, pod: string, container: string, options: LogOptions) => string | undefined;
}

const route = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/;

/** The one endpoint of a kubelet that is needed here: the API server passes `kubectl logs` on to it. */
export async function serveLogs({ key, certificate, logsOf }: Options): Promise<LogServer> {
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://kubelet');
    const [, namespace, pod, container] = route.exec(pathname) ?? [];
    if (!namespace || !pod || !container) {
      response.writeHead(404).end();
      return;
    }
    const previous = searchParams.get('previous') === 'true';
    const tail = searchParams.get('tailLines');
    const options = { previous, ...(tail === null ? {} : { tailLines: Number(tail) }) };
    const text = logsOf(namespace, pod, container, options);
    const refusal = previous
      ? `previous terminated container "${container}" in pod "${pod}" not found`
      : `container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`;
    response.writeHead(text === undefined ? 400 : 200, { 'content-type': 'text/plain' }).end(text ?? refusal);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
