import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTableServer, type TableServer } from '../../lib/local/dynamodb/table-server.ts';
import { tableCaller } from '../../lib/local/dynamodb/wire.ts';
import { defaultCache, localContext, startHost } from '../../lib/local/host.ts';
import { synthesize } from '../../lib/local/synthesize.ts';
import { berthApi } from '../support/berth-api.ts';

// Whoever starts the first host after a change has the template made, and bundles; that is none of this test's time.
beforeAll(async () => void (await synthesize(defaultCache, localContext)));

let dataDir: string;
let database: TableServer;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-external-'));
  database = await startTableServer();
});
afterEach(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

const run = async <Result>(reset: boolean, use: (berth: ReturnType<typeof berthApi>) => Promise<Result>) => {
  const host = await startHost({ dataDir, port: 0, reset, dynamodb: new URL(database.url) });
  try {
    return await use(berthApi(host.port));
  } finally {
    await host.close();
  }
};
const tables = async (): Promise<string[]> =>
  ((await tableCaller(database.url)('ListTables', {})) as { TableNames: string[] }).TableNames;

describe('a DynamoDB beside the host', () => {
  it('keeps stagings over a restart, and a reset begins anew without deleting a table', async () => {
    await run(false, async (berth) => berth.ended((await berth.put('kept', { blueprint: 'hello' })).operation.id));
    const before = await tables();
    expect(before).toHaveLength(1);
    expect(await run(false, (berth) => berth.staging('kept'))).toMatchObject({ status: 'Running' });
    expect(await tables()).toEqual(before);

    const { status } = await run(true, (berth) => berth.call('GET', '/v1/stagings/kept'));

    expect(status).toBe(404);
    expect(await tables()).toEqual(expect.arrayContaining(before));
    expect(await tables()).toHaveLength(2);
  });
});
