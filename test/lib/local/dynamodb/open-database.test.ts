import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../../lib/local/dynamodb/open-database.ts';
import { startTableServer, type TableServer } from '../../../../lib/local/dynamodb/table-server.ts';

let dataDir: string;
let other: TableServer;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-database-'));
  other = await startTableServer();
});
afterEach(async () => {
  await other.close();
  await rm(dataDir, { recursive: true });
});

const opened = async (endpoint?: URL): Promise<Database> => {
  const database = await openDatabase(dataDir, endpoint);
  await database.close();
  return database;
};

describe('the database of a data folder', () => {
  it('keeps the template’s names for tables of its own', async () => {
    expect(await opened()).toMatchObject({ tableSuffix: '' });
  });

  it('has names at an endpoint that no other folder has, the same at every start', async () => {
    const endpoint = new URL(other.url);
    const first = await opened(endpoint);

    expect(first).toMatchObject({ url: other.url, tableSuffix: expect.stringMatching(/^-[0-9a-f]{8}$/) });
    expect((await opened(endpoint)).tableSuffix).toBe(first.tableSuffix);
    await rm(join(dataDir, 'dynamodb.json'));
    expect((await opened(endpoint)).tableSuffix).not.toBe(first.tableSuffix);
  });

  it('is not looked for at an endpoint where the folder has tables of its own', async () => {
    await opened();
    await expect(opened(new URL(other.url))).rejects.toThrow('leave out --dynamodb');
  });

  it.each(['closed well', 'killed'])('says what can be done where its tables are damaged, and were %s', async (end) => {
    await opened();
    await writeFile(join(dataDir, 'tables', 'CURRENT'), 'torn');
    if (end === 'killed') await rm(join(dataDir, 'tables', 'closed-well'));
    await expect(opened()).rejects.toThrow(/tables can't be read \(.*Corruption: .*\): start with --reset/);
  });

  it('is not made anew in a folder whose tables are at an endpoint', async () => {
    await opened(new URL(other.url));
    await expect(opened()).rejects.toThrow('was used with --dynamodb');
  });
});
