import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeCall {
  /** last part of the target header, such as StartExecution */
  action: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the SDK sends
  input: any;
}

export interface FakeAnswer {
  status?: number;
  body: unknown;
}

export interface FakeAws extends AsyncDisposable {
  /** for any client of the SDK */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  calls: FakeCall[];
  /** what the next calls get; `hang` never answers */
  answer: (call: FakeCall) => FakeAnswer | 'hang';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A service of AWS with the JSON protocol, on a free port of the loopback interface, that says what a test wants. */
export async function startFakeAws(): Promise<FakeAws> {
  const calls: FakeCall[] = [];
  const server = createServer((request, response) => {
    void respond();
    async function respond(): Promise<void> {
      const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const call = { action, input: JSON.parse((await bodyOf(request)) || '{}') };
      calls.push(call);
      const answer = fake.answer(call);
      if (answer === 'hang') return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer.body));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeAws = {
    client: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    calls,
    answer: () => ({ body: {} }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}
