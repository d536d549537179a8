import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { awaitDynamoDb, readLoopbackEndpoint } from '../../../../lib/local/dynamodb/external-endpoint.ts';
import { startTableServer } from '../../../../lib/local/dynamodb/table-server.ts';
import { freePort } from '../../../support/free-ports.ts';

const open = new AsyncDisposableStack();
afterAll(() => open.disposeAsync());

async function serve(listener: RequestListener, port = 0): Promise<URL> {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  open.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
}

describe('an endpoint', () => {
  it.each(['http://localhost:8000', 'http://127.0.0.1:8000/', 'https://127.9.9.9', 'http://[::1]:8000'])(
    'on this machine is taken: %s',
    (text) => expect(readLoopbackEndpoint(text)?.href).toBe(new URL(text).href),
  );

  it.each([
    '',
    'localhost:8000',
    '8000',
    'ftp://localhost',
    'https://dynamodb.eu-central-1.amazonaws.com',
    'http://10.0.0.1:8000',
    'http://0.0.0.0:8000',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://user:secret@localhost:8000',
    'http://localhost:8000/shell?a=b',
  ])('anywhere else, or that is none, is refused: "%s"', (text) => {
    expect(readLoopbackEndpoint(text)).toBeUndefined();
  });
});

describe('waiting for DynamoDB', () => {
  it('ends where it answers', async () => {
    const server = await startTableServer();
    open.defer(() => server.close());

    await expect(awaitDynamoDb(new URL(server.url))).resolves.toBeUndefined();
  });

  it('goes on while nobody listens yet', async () => {
    const port = await freePort();
    const waiting = awaitDynamoDb(new URL(`http://127.0.0.1:${port}`));
    await serve((_, response) => response.end('{"TableNames": []}'), port);

    await expect(waiting).resolves.toBeUndefined();
  });

  it('gives up where nobody ever does, and names the option', async () => {
    const endpoint = new URL(`http://127.0.0.1:${await freePort()}`);

    await expect(awaitDynamoDb(endpoint, 300)).rejects.toThrow(
      `--dynamodb ${endpoint.origin}: nothing answers there, for 0.3 s`,
    );
  });

  it('gives up on what never answers', async () => {
    await expect(awaitDynamoDb(await serve(() => {}), 200)).rejects.toThrow('did not answer within 0.2 s');
  });

  it.each([
    ['a page', '<html></html>'],
    ['JSON of something else', '{"status": "ok"}'],
  ])('gives up at once on %s', async (_, body) => {
    const endpoint = await serve((_request, response) => response.end(body));

    await expect(awaitDynamoDb(endpoint)).rejects.toThrow('what answers there is not DynamoDB');
  });
});
