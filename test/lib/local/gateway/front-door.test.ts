import { request as sendRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFrontDoor } from '../../../../lib/local/gateway/front-door.ts';
import type { GatewayRequest } from '../../../../lib/local/gateway/http.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../../lib/local/gateway/server.ts';

let server: LoopbackServer;
let received: GatewayRequest[];

beforeEach(async () => {
  received = [];
  const door = createFrontDoor({
    baseDomain: 'staging.localhost',
    gateway: async (request) => {
      received.push(request);
      return {
        status: 202,
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
        body: Buffer.from('from the gateway'),
      };
    },
    page: (request, response) => response.end(`page of ${request.headers.host}`),
    control: new Map([['GET /', () => ({ status: 200, headers: [], body: Buffer.from('welcome') })]]),
    log: () => {},
  });
  server = await listenOnLoopback(door, { port: 0 });
});
afterEach(() => server.close());

interface Answer {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** With a Host header of its own, which fetch does not allow. */
function send(path: string, headers: Record<string, string>, body?: Buffer, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the front door', () => {
  it('sends a staging’s host to its page', async () => {
    const host = `demo.staging.localhost:${server.port}`;
    expect((await send('/v1/stagings', { host })).text).toBe(`page of ${host}`);
    expect(received).toEqual([]);
  });

  it('answers its own routes itself and passes all others to the gateway', async () => {
    expect((await send('/', { host: 'localhost' })).text).toBe('welcome');
    const answer = await send('/v1/stagings?x=1', { host: 'localhost', 'X-Test': 'yes' }, Buffer.from('body'), 'PUT');
    expect(answer).toMatchObject({ status: 202, text: 'from the gateway', headers: { 'set-cookie': ['a=1', 'b=2'] } });
    expect(received[0]).toMatchObject({ method: 'PUT', url: '/v1/stagings?x=1', httpVersion: '1.1' });
    expect(received[0]?.body.toString()).toBe('body');
    expect(received[0]?.headers).toContainEqual(['X-Test', 'yes']);
  });

  it.each([
    [{ host: 'evil.example.com' }],
    [{ host: 'localhost', origin: 'https://evil.example.com' }],
    [{ host: 'localhost', origin: 'null' }],
  ])('refuses what a web page of elsewhere makes a browser send: %j', async (headers) => {
    expect((await send('/v1/stagings', headers)).status).toBe(403);
    expect(received).toEqual([]);
  });

  it('answers a page that it served itself', async () => {
    const origin = `http://demo.staging.localhost:${server.port}`;
    expect((await send('/v1/stagings', { host: 'localhost', origin })).status).toBe(202);
  });

  it('reads no more of a large body than it takes to see that it is too large', async () => {
    await send('/v1/stagings', { host: 'localhost' }, Buffer.alloc(11_000_000), 'PUT');
    expect(received[0]?.body.length).toBeGreaterThan(10_000_000);
  });

  it('takes any free port only where it may', async () => {
    await expect(listenOnLoopback(() => {}, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const other = await listenOnLoopback(() => {}, { port: server.port, orAny: true });
    expect(other.port).not.toBe(server.port);
    await other.close();
  });
});
