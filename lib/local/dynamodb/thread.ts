import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';
import { mendIndexes } from './mend-indexes.ts';

/** The thread that the tables live in, so that LevelDB and JSON of many requests don't hold up the host. */

export interface TableThreadData {
  /** folder of the store; in memory where undefined */
  path: string | undefined;
}

const { path }: TableThreadData = workerData;

/** Lies beside the store's own files while it is closed in order. */
const closedWell = path === undefined ? undefined : join(path, 'closed-well');

if (path !== undefined && closedWell !== undefined) {
  if (existsSync(path) && !existsSync(closedWell)) await mendIndexes(path);
  mkdirSync(path, { recursive: true });
  rmSync(closedWell, { force: true });
}

const server = dynalite({ ...(path === undefined ? {} : { path }), createTableMs: 0 });

parentPort?.on('message', () => {
  server.close(() => {
    if (closedWell !== undefined) writeFileSync(closedWell, '');
    process.exit(0);
  });
  server.closeAllConnections();
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
