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
const load = createRequire(from);
const dynalite: typeof import('dynalite').default = load('dynalite');
readAtOnce(load('level').Level.prototype);

interface Reader {
  _get(key: unknown, options: unknown): unknown;
  _getSync(key: unknown, options: unknown): unknown;
}

/**
 * dynalite reads the table's description with every call, and then the item. What it reads lies in memory mostly, and this
 * thread does nothing else: the way through LevelDB's thread pool was a third of its time.
 */
function readAtOnce(prototype: Reader): void {
  prototype._get = function (this: Reader, key, options) {
    return this._getSync(key, options);
  };
}

const server = dynalite({ ...(path === undefined ? {} : { path }), createTableMs: 0 });

parentPort?.on('message', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
