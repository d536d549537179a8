import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread that the tables live in, so that LevelDB and JSON of many requests don't hold up the host. */

export interface TableThreadData {
  /** folder of the store; in memory where undefined */
  path: string | undefined;
  /** file to resolve dynalite from */
  from: string;
}

const { path, from }: TableThreadData = workerData;
const dynalite: typeof import('dynalite').default = createRequire(from)('dynalite');
const server = dynalite({ ...(path === undefined ? {} : { path }), createTableMs: 0 });

parentPort?.on('message', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
