import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

/** The thread that the tables live in, so that LevelDB and JSON of many requests don't hold up the host. */

export interface TableThreadData {
  /** folder of the store; in memory where undefined */
  path: string | undefined;
}

const { path }: TableThreadData = workerData;
const server = dynalite({ ...(path === undefined ? {} : { path }), createTableMs: 0 });

parentPort?.on('message', () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
