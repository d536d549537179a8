import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call of the table as IAM would judge it. */
export interface TableCall {
  /** the function's name */
  by: string;
  /** such as `dynamodb:Query` */
  action: string;
  /** index that is asked; absent where it is the table itself */
  index?: string;
  /** partition key of the one item that is asked for */
  partition?: string;
}

/** Stands before a DynamoDB on this machine, passes everything on and remembers what the functions ask. */
export async function startTableRecorder(database: string) {
  const calls: TableCall[] = [];

  function remember({ headers }: IncomingMessage, body: string): void {
    // Powertools says after the name that it is there too.
    const by = /\bapp\/(\S+?)(?:-PT-\S*)?(?:\s|$)/.exec(String(headers['user-agent']))?.[1];
    // Whoever has no name is the host itself, which makes the table.
    if (by === undefined) return;
    const { IndexName: index, Key, Item } = JSON.parse(body);
    const partition: string | undefined = (Key ?? Item)?.pk.S;
    calls.push({
      by,
      action: `dynamodb:${String(headers['x-amz-target']).split('.')[1]}`,
      ...(index === undefined ? {} : { index }),
      ...(partition === undefined ? {} : { partition }),
    });
  }
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await text(incoming);
    remember(incoming, body);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = incoming.headers;
    const answer = await fetch(database, { method: 'POST', headers: headers as Record<string, string>, body });
    outgoing.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    outgoing.end(await answer.text());
  }

  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing).catch(() => outgoing.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}
