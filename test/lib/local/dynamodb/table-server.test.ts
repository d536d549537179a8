import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTables } from '../../../../lib/local/dynamodb/create-tables.ts';
import { startTableServer, type TableServer } from '../../../../lib/local/dynamodb/table-server.ts';
import { type TableCall, tableCaller } from '../../../../lib/local/dynamodb/wire.ts';
import type { TablePart } from '../../../../lib/local/template/parts.ts';

const table: TablePart = {
  TableName: 'stagings',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'status', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-status',
      KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

let path: string;
let server: TableServer;
let call: TableCall;

async function start(): Promise<void> {
  server = await startTableServer(path);
  call = tableCaller(server.url);
}

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'berth-tables-'));
  await rm(path, { recursive: true });
  await start();
  await createTables(call, [table]);
});
afterEach(async () => {
  await server.close();
  await rm(path, { recursive: true });
});

const put = (pk: string, status: string) =>
  call('PutItem', { TableName: 'stagings', Item: { pk: { S: pk }, status: { S: status } } });

const withStatus = async (status: string): Promise<string[]> => {
  const answer = await call('Query', {
    TableName: 'stagings',
    IndexName: 'by-status',
    KeyConditionExpression: '#s = :s',
    ExpressionAttributeNames: { '#s': 'status' },
    ExpressionAttributeValues: { ':s': { S: status } },
  });
  return (answer as { Items: Array<{ pk: { S: string } }> }).Items.map((item) => item.pk.S);
};

const bytesOnDisk = async (): Promise<number> => {
  const sizes = await Promise.all((await readdir(path)).map((file) => stat(join(path, file)).catch(() => undefined)));
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
};

describe('the table server', () => {
  it('keeps items and tables over a restart', async () => {
    await put('a', 'Running');
    await server.close();
    await start();
    await createTables(call, [table]);
    expect(await withStatus('Running')).toEqual(['a']);
  });

  it('mends indexes that a kill left without their item, or with one that never was', async () => {
    await put('a', 'Running');
    await put('b', 'Running');
    await server.close();
    const store = new Level<string, unknown>(path, { valueEncoding: 'json' });
    const [entry] = await store.keys({ gte: 'index-global~stagings~by-status~' }).all();
    const item = await store.get(entry ?? '');
    await store.del(entry ?? '');
    await store.put('index-global~stagings~by-status~ghost', item);
    await store.close();
    await rm(join(path, 'closed-well'));

    await start();

    expect(new Set(await withStatus('Running'))).toEqual(new Set(['a', 'b']));
    expect(await withStatus('Running')).toHaveLength(2);
  });

  it('forgets on disk what was written over, whatever was listed meanwhile', async () => {
    const megabyte = 1024 * 1024;
    const text = (round: number) => randomBytes(150_000).toString('hex') + round;
    for (let round = 0; round < 100; round++) {
      await call('PutItem', {
        TableName: 'stagings',
        Item: { pk: { S: 'a' }, status: { S: 'Running' }, text: { S: text(round) } },
      });
      await withStatus('Running');
    }
    // 60 MB were written, of which 0.6 MB are left; LevelDB clears away when it has some of it together.
    await expect.poll(bytesOnDisk).toBeLessThan(60 * megabyte);
  });

  it('refuses a table that was made with other indexes', async () => {
    await expect(createTables(call, [{ ...table, GlobalSecondaryIndexes: [] }])).rejects.toThrow('--reset');
  });

  it('names what DynamoDB answered', async () => {
    await expect(call('GetItem', { TableName: 'other', Key: { pk: { S: 'a' } } })).rejects.toMatchObject({
      type: 'ResourceNotFoundException',
    });
  });
});
