import { createServer, get, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { servicePage } from '../../../../lib/local/eks/service-page.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../../lib/local/gateway/server.ts';
import { httpCall } from '../../../support/http-call.ts';

const backend = (name: string) => ({ service: { name, port: { number: 80 } } });
const ingresses = {
  items: [
    {
      spec: {
        rules: [
          { host: 'other.staging.localhost', http: { paths: [{ path: '/', backend: backend('other') }] } },
          {
            host: 'demo.staging.localhost',
            http: {
              paths: [
                { path: '/', backend: backend('web') },
                { path: '/api', backend: { service: { name: 'api', port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    },
  ],
};

let cluster: Server;
let host: LoopbackServer;
let asked: string[];

beforeEach(async () => {
  asked = [];
  cluster = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url?.endsWith('/ingresses')) response.end(JSON.stringify(ingresses));
    else if (request.url?.endsWith('/silent')) request.once('close', () => asked.push('gone'));
    else request.pipe(response.writeHead(201, { 'x-from': 'pod' }));
  });
  await new Promise<void>((resolve) => cluster.listen(0, '127.0.0.1', resolve));
  const address = cluster.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  host = await listenOnLoopback(servicePage(`http://127.0.0.1:${port}`), { port: 0 });
});
afterEach(async () => {
  await host.close();
  cluster.closeAllConnections();
  cluster.close();
});

const open = (path: string, name = 'demo') =>
  httpCall(host.port, path, {
    method: 'POST',
    headers: { host: `${name}.staging.localhost:${host.port}` },
    body: 'hello',
  });

describe('a staging on a real cluster', () => {
  it('answers at its address, through the API server to the Service behind its Ingress', async () => {
    const answer = await open('/page?x=1');
    expect(answer).toMatchObject({ status: 201, text: 'hello', headers: { 'x-from': 'pod' } });
    expect(asked).toEqual([
      'GET /apis/networking.k8s.io/v1/namespaces/stg-demo/ingresses',
      'POST /api/v1/namespaces/stg-demo/services/web:80/proxy/page?x=1',
    ]);
  });

  it('answers with the Service of the longest path', async () => {
    await open('/api/orders');
    expect(asked[1]).toBe('POST /api/v1/namespaces/stg-demo/services/api:http/proxy/api/orders');
  });

  it('answers who asks for a websocket as the product answers a plain request', async () => {
    cluster.once('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    const headers = { host: 'demo.staging.localhost', connection: 'Upgrade', upgrade: 'websocket' };
    expect((await httpCall(host.port, '/socket', { headers })).status).toBe(201);
  });

  it('leaves the product alone once nobody waits for its answer', async () => {
    const leaving = get({ port: host.port, path: '/silent', headers: { host: 'demo.staging.localhost' } });
    leaving.once('error', () => {});
    await expect.poll(() => asked.some((line) => line.endsWith('/silent'))).toBe(true);
    leaving.destroy();
    await expect.poll(() => asked.at(-1)).toBe('gone');
  });

  it('is not found where no Ingress has its host', async () => {
    expect((await open('/', 'nobody')).status).toBe(404);
  });

  it('says so where the cluster does not answer', async () => {
    cluster.closeAllConnections();
    cluster.close();
    expect((await open('/')).status).toBe(502);
  });
});
