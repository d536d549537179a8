import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';
import { expect, it, onTestFinished } from 'vitest';
import { createConnection } from '../../../lambdas/cluster/connection.ts';
import { createTransport } from '../../../lambdas/cluster/transport.ts';

/** A server whose answers stay open at `/watch`, and its connections' sockets. */
async function reached() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'cluster' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const sockets: Socket[] = [];
  const server = createSecureServer({ key, cert }, (request, response) => {
    if (request.url === '/watch') response.write('{}\n');
    else response.end('{}');
  });
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('sessionError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = createConnection(
    async () => ({ endpoint: `https://127.0.0.1:${port}`, ca: cert }),
    async () => 'secret',
  );
  onTestFinished(async () => {
    await connection.close();
    server.close();
  });
  return { sockets, transport: createTransport(connection) };
}

it('outlives a reset connection on which requests were given up before they had left', async () => {
  const { sockets, transport } = await reached();
  const errors: unknown[] = [];
  const heard = (error: unknown) => void errors.push(error);
  process.on('uncaughtException', heard);
  onTestFinished(() => void process.off('uncaughtException', heard));
  const lines = await transport.stream({ method: 'GET', path: '/watch' });
  for (let steps = 0; steps < 30; steps += 1) {
    const stop = new AbortController();
    const asked = transport.stream({ method: 'GET', path: '/watch', signal: stop.signal }).catch(() => {});
    for (let passed = 0; passed < steps; passed += 1) await Promise.resolve();
    stop.abort();
    await asked;
  }
  // Its answer comes after theirs.
  await transport.json({ method: 'GET', path: '/api' });
  for (const socket of sockets) socket.resetAndDestroy();
  const ended = async () => {
    for await (const _line of lines);
  };
  await expect(ended()).rejects.toThrow('ECONNRESET');
  expect(errors).toEqual([]);
});

it('ends the body of an answer when the caller gives up', async () => {
  const { transport } = await reached();
  const stop = new AbortController();
  const lines = await transport.stream({ method: 'GET', path: '/watch', signal: stop.signal });
  const read = async () => {
    for await (const _line of lines) stop.abort(new Error('enough'));
  };
  await expect(read()).rejects.toThrow('enough');
});
