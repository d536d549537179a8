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
const { Level } = load('level');
if (path !== undefined) await tryToOpen(path);
readAtOnce(Level.prototype);
closeIterators(Level.prototype);

/** dynalite starts whether its store opens or not, and ends with the first call. */
async function tryToOpen(folder: string): Promise<void> {
  const store = new Level(folder);
  await store.open();
  await store.close();
}

interface Lister {
  keys: (this: Lister, options: unknown) => Listing;
  values: (this: Lister, options: unknown) => Listing;
}

interface Listing {
  close(): Promise<void>;
  return?: () => Promise<void>;
}

/**
 * dynalite ends a query's iterator by a method that LevelDB's no longer have, so none was ever closed, and LevelDB keeps on
 * disk and in memory whatever was overwritten or deleted since the oldest that is open.
 */
function closeIterators(prototype: Lister): void {
  const { keys, values } = prototype;
  const ending = (listing: Listing): Listing => Object.assign(listing, { return: () => listing.close() });
  prototype.keys = function (options) {
    return ending(keys.call(this, options));
  };
  prototype.values = function (options) {
    return ending(values.call(this, options));
  };
}

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
