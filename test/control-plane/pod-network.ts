import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Api } from './api.ts';
import { podAnswer } from './pod-answer.ts';

/** The way from the API server to what has an address in the cluster. */
export interface PodNetwork {
  /** for the API server's `--egress-selector-config-file` */
  configFile: string;
  close(): Promise<void>;
}

const config = (socket: string) => ({
  apiVersion: 'apiserver.k8s.io/v1beta1',
  kind: 'EgressSelectorConfiguration',
  egressSelections: [
    { name: 'cluster', connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } } },
  ],
});

/**
 * Pods on nodes of paper have addresses that nothing listens on. The API server reaches its cluster through this proxy, which
 * answers in the pods' place, so that `kubectl proxy`, HTTP probes and browsers find what a pod would say. What is on
 * loopback (kubelets, webhooks of the tests) is passed through.
 */
export async function startPodNetwork(folder: string, api: Api): Promise<PodNetwork> {
  const open = new Set<Socket>();
  const pods = createServer((request, response) => void answerAs(api, request, response));
  const proxy = createServer();
  proxy.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    const { hostname, port } = new URL(`http://${request.url}`);
    if (hostname.startsWith('127.')) return passThrough(socket, hostname, Number(port));
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    Object.assign(socket, { podAddress: hostname });
    pods.emit('connection', socket);
  });
  const socket = join(folder, 'pods.sock');
  const configFile = join(folder, 'egress.json');
  writeFileSync(configFile, JSON.stringify(config(socket)));
  await once(proxy.listen(socket), 'listening');
  return {
    configFile,
    async close() {
      proxy.close();
      for (const each of open) each.destroy();
      await once(proxy, 'close');
    },
  };
}

function passThrough(socket: Socket, host: string, port: number): void {
  const target = connect(port, host, () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(target).pipe(socket);
  });
  target.on('error', () => socket.destroy());
  socket.on('error', () => target.destroy());
}

async function answerAs(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { podAddress } = request.socket as Socket & { podAddress: string };
    const { status, body } = await podAnswer(api, podAddress);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}
