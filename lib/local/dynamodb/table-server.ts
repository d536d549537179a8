import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { threadSource } from '../thread-source.ts';
import type { TableThreadData } from './thread.ts';

/** A running DynamoDB endpoint. */
export interface TableServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  close(): Promise<void>;
}

const Address = z.object({ port: z.int() });

/** Starts dynalite on a free port of the loopback interface; what it holds lies in `path`, or in memory. */
export async function startTableServer(path?: string): Promise<TableServer> {
  const closed = path === undefined ? undefined : await openStore(path);
  const workerData: TableThreadData = { path, from: import.meta.filename };
  const worker = new Worker(threadSource(new URL('./thread.ts', import.meta.url)), {
    workerData,
    name: 'dynamodb',
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 192 },
  });
  const [address]: unknown[] = await once(worker, 'message');
  return {
    url: `http://127.0.0.1:${Address.parse(address).port}`,
    async close() {
      const ended = once(worker, 'exit');
      worker.postMessage('close');
      await ended;
      await closed?.();
    },
  };
}

/** Mends what a kill may have left, and gives the function that notes that this time nothing was. */
async function openStore(path: string): Promise<() => Promise<void>> {
  const closedWell = join(path, 'closed-well');
  if (existsSync(path) && !existsSync(closedWell)) {
    const { mendIndexes } = await import('./mend-indexes.ts');
    await mendIndexes(path);
  }
  await mkdir(path, { recursive: true });
  await rm(closedWell, { force: true });
  return () => writeFile(closedWell, '');
}
