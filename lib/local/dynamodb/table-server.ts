import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
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
  const workerData: TableThreadData = { path };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData,
    name: 'dynamodb',
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 },
  });
  const [address]: unknown[] = await once(worker, 'message');
  return {
    url: `http://127.0.0.1:${Address.parse(address).port}`,
    async close() {
      const ended = once(worker, 'exit');
      worker.postMessage('close');
      await ended;
    },
  };
}
