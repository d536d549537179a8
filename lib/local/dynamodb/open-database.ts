import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { openData } from '../open-data.ts';
import { awaitDynamoDb } from './external-endpoint.ts';
import { startTableServer, type TableServer } from './table-server.ts';

/** Where the template's tables live. */
export interface Database extends TableServer {
  /** what the tables' names end with */
  tableSuffix: string;
}

const Kept = z.object({ tableSuffix: z.string().regex(/^-[0-9a-f]{8}$/) });

/**
 * Opens dynalite on the data folder, or the database at `endpoint`. There the tables belong to this data folder alone: their
 * names end with a random word that is kept in it, so that no other host and nobody's own table is ever met, and forgetting
 * the folder's data means new tables, with nothing to be deleted.
 * @throws Error where the data folder was used with the other kind, or DynamoDB does not answer
 */
export async function openDatabase(dataDir: string, endpoint: URL | undefined): Promise<Database> {
  const own = join(dataDir, 'tables');
  const external = join(dataDir, 'dynamodb.json');
  if (endpoint === undefined) {
    if (existsSync(external)) {
      throw new Error(
        `${dataDir} was used with --dynamodb: give it again, start with --reset, or choose another --data`,
      );
    }
    return { ...(await openData(own, () => startTableServer(own))), tableSuffix: '' };
  }
  if (existsSync(own)) {
    throw new Error(
      `${dataDir} holds tables of its own: leave out --dynamodb, start with --reset, or choose another --data`,
    );
  }
  await awaitDynamoDb(endpoint);
  return { url: endpoint.origin, tableSuffix: await suffixKeptIn(external), close: async () => {} };
}

async function suffixKeptIn(file: string): Promise<string> {
  if (existsSync(file)) return Kept.parse(JSON.parse(await readFile(file, 'utf8'))).tableSuffix;
  const kept = { tableSuffix: `-${crypto.randomUUID().slice(0, 8)}` };
  // All or nothing: a torn file would be in the way of every later start.
  await writeFile(`${file}.new`, JSON.stringify(kept));
  await rename(`${file}.new`, file);
  return kept.tableSuffix;
}
