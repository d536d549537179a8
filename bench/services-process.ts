import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries } from '../lib/local/binaries.ts';
import { AdjustableClock } from '../lib/local/clock.ts';
import { createTables } from '../lib/local/dynamodb/create-tables.ts';
import { startTableServer } from '../lib/local/dynamodb/table-server.ts';
import { tableCaller } from '../lib/local/dynamodb/wire.ts';
import { localEnvironment } from '../lib/local/environment.ts';
import { defaultCache, localContext } from '../lib/local/host.ts';
import { listenForServices } from '../lib/local/service-endpoint.ts';
import { fileJournal } from '../lib/local/states/file-journal.ts';
import { createStates } from '../lib/local/states/states.ts';
import { synthesize } from '../lib/local/synthesize.ts';
import { readParts } from '../lib/local/template/read-parts.ts';
import type { ServiceAddresses } from './services.ts';

/** Serves until whoever started it lets go. Executions start, and their first task never ends. */
async function serve(): Promise<AsyncDisposable & { addresses: ServiceAddresses }> {
  await using opening = new AsyncDisposableStack();
  const { directory, stackName } = await synthesize(defaultCache, localContext);
  const parts = await readParts(directory, stackName);
  const api = parts.functions.find((one) => one.name.endsWith('-api'));
  const [table] = parts.tables;
  if (!api || !table) throw new Error('the template has no api function or no table');

  const data = opening.adopt(await mkdtemp(join(tmpdir(), 'berth-bench-')), (path) => rm(path, { recursive: true }));
  const tables = opening.adopt(await startTableServer(join(data, 'tables')), (server) => server.close());
  await createTables(tableCaller(tables.url), parts.tables);
  const states = opening.adopt(
    createStates({
      clock: opening.adopt(new AdjustableClock(), (clock) => clock.stop()),
      random: Math.random,
      invoke: () => new Promise(() => {}),
      emit: () => {},
      journal: fileJournal(join(data, 'executions.jsonl')),
    }),
    (running) => running.stop(),
  );
  for (const machine of parts.stateMachines) states.register(machine);
  await states.start();
  const server = opening.adopt(
    await listenForServices({
      services: new Map([['AWSStepFunctions', (request) => states.handle(request)]]),
      clusters: new Map(),
    }),
    (listening) => listening.close(),
  );
  const servicesUrl = `http://127.0.0.1:${server.port}`;
  const surroundings = { tableUrl: tables.url, servicesUrl, port: 80, baseDomain: localContext.baseDomain };
  const environment = {
    ...api.environment,
    ...localEnvironment(api.environment, { ...surroundings, binaries: await findBinaries() }),
    // Lines of a log cost the handler time, but the reference writes none: only errors are told here.
    POWERTOOLS_LOG_LEVEL: 'ERROR',
  };
  const open = opening.move();
  return {
    addresses: { tableName: table.TableName, tableUrl: tables.url, servicesUrl, environment },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const services = await serve();
process.once('disconnect', () => {
  void services[Symbol.asyncDispose]().then(() => process.exit(0));
});
process.send?.(services.addresses);
