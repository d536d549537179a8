import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '../../../lib/local/cluster/storage.ts';
import { answerForPod, podAt } from './answer-for-pod.ts';

export interface PodNetwork {
  /** the socket of the proxy into it */
  socket: string;
  close(): Promise<void>;
}

/** Seconds would do: everything that can be reached from here is on this machine. */
const connectTimeout = 5_000;

/** The configuration with which the API server asks the proxy for every connection to a pod, a Service or a node. */
export const egressConfiguration = (udsName: string): string =>
  JSON.stringify({
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName } } } },
    ],
  });

/**
 * The network of the cluster as the API server sees it: a proxy (CONNECT) that answers itself for the addresses of pods, and
 * passes all else on, which is our own kubelets and the webhooks of tests.
 */
export async function startPodNetwork(storage: () => Storage | undefined): Promise<PodNetwork> {
  const sockets = new Set<Socket>();
  const pods = createServer((request, response) => {
    const address = addressOf.get(request.socket) ?? '';
    const known = storage();
    const pod = known && podAt(known, address);
    if (known && pod) answerForPod(known, pod, request, response);
    else response.writeHead(502).end(`nothing answers at ${address}\n`);
  });
  const addressOf = new WeakMap<object, string>();

  function open(target: string, client: Socket): void {
    const { hostname, port } = new URL(`http://${target}`);
    const known = storage();
    if (known && podAt(known, hostname)) {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      addressOf.set(client, hostname);
      pods.emit('connection', client);
      return;
    }
    const server = connect({ host: hostname, port: Number(port || 80), timeout: connectTimeout });
    sockets.add(server);
    server.once('close', () => {
      sockets.delete(server);
      client.destroy();
    });
    client.once('close', () => server.destroy());
    server.once('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    server.once('timeout', () => server.destroy());
    server.once('connect', () => {
      server.setTimeout(0);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
  }

  const proxy = createServer().on('connect', ({ url = '' }, client: Socket) => {
    sockets.add(client);
    client.once('close', () => sockets.delete(client));
    // A connection that breaks is closed right after, which is what counts.
    client.on('error', () => {});
    open(url, client);
  });
  // The path of a socket holds about a hundred characters, which the folder of the control plane may exceed. Over TCP without
  // TLS the API server (1.35) dereferences a nil pointer.
  const folder = await mkdtemp(join(tmpdir(), 'berth-pods-'));
  const socket = join(folder, 'proxy');
  proxy.listen(socket);
  await once(proxy, 'listening');
  return {
    socket,
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      proxy.closeAllConnections();
      await once(proxy, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
