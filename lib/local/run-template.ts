import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { AdjustableClock } from './clock.ts';
import { createDeliver } from './deliver.ts';
import type { HostClock } from './durable-clock.ts';
import { createTables } from './dynamodb/create-tables.ts';
import { tableCaller } from './dynamodb/wire.ts';
import type { ClusterAccess } from './eks/describe-cluster.ts';
import { localEnvironment } from './environment.ts';
import { createEventBus } from './events/bus.ts';
import { createSchedules } from './events/schedules.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import type { HostLog } from './host-log.ts';
import { createFunctions } from './lambda/functions.ts';
import { threadSandboxes } from './lambda/thread-sandbox.ts';
import { openData } from './open-data.ts';
import { type JsonService, listenForServices } from './service-endpoint.ts';
import { fileJournal } from './states/file-journal.ts';
import { createStates, type States } from './states/states.ts';
import { invokeFromStates } from './states-invoke.ts';
import type { HostedParts } from './template/parts.ts';
import { local } from './template/physical.ts';
import { deadLetterFile } from './undelivered.ts';

export interface RunInput {
  parts: HostedParts;
  dataDir: string;
  /** where the tables live, or are to be made */
  tableUrl: string;
  clock: HostClock;
  random: () => number;
  log: HostLog;
  binaries: Binaries;
  clusters: ReadonlyMap<string, ClusterAccess>;
  /** port of the front door */
  port: number;
  baseDomain: string;
}

/** A template at work. */
export interface RunningTemplate {
  gateway: Gateway;
  /** for `/_local/status`: where the services answer, for the AWS command line, and figures */
  stats: () => object;
}

/**
 * Puts the template's parts to work: tables, functions, state machines, bus and schedules; executions that were under way
 * go on. All of it ends with `scope`, in the opposite order.
 */
export async function runTemplate(input: RunInput, scope: AsyncDisposableStack): Promise<RunningTemplate> {
  const { parts, dataDir, tableUrl, clock, random, log } = input;
  await createTables(tableCaller(tableUrl), parts.tables);
  const jsonServices = new Map<string, JsonService>();
  const services = scope.adopt(
    await listenForServices({ services: jsonServices, clusters: input.clusters }),
    (server) => server.close(),
  );

  const limitClock = scope.adopt(new AdjustableClock(), (limits) => limits.stop());
  const deadLetter = deadLetterFile(join(dataDir, 'undelivered.jsonl'), () => clock.clock.now());
  const functions = scope.adopt(
    createFunctions(parts.functions, {
      createSandbox: threadSandboxes({ clockOffset: clock.offset, log: log.stream }),
      clock: limitClock,
      hostClock: clock.clock,
      newId: () => crypto.randomUUID(),
      environmentOf: (part) =>
        localEnvironment(part.environment, {
          servicesUrl: `http://127.0.0.1:${services.port}`,
          ...input,
        }),
      deadLetter,
    }),
    (running) => running.close(),
  );

  const executions = join(dataDir, 'executions.jsonl');
  const states: States = scope.adopt(
    createStates({
      clock: clock.clock,
      random,
      invoke: invokeFromStates(functions.invoke),
      emit: (event, name) => bus.put(event, name),
      journal: fileJournal(executions),
      log: (message, error) => log.line(`${message}: ${String(error)}`),
    }),
    (running) => running.stop(),
  );
  for (const machine of parts.stateMachines) states.register(machine);
  jsonServices.set('AWSStepFunctions', (request) => states.handle(request));

  const eventing = {
    ...parts,
    ...local,
    clock: clock.clock,
    random,
    newId: () => crypto.randomUUID(),
    deliver: createDeliver({ functions, states }),
    deadLetter,
  };
  const bus = scope.adopt(createEventBus(eventing), (running) => running.stop());
  jsonServices.set('AWSEvents', (request) => bus.handle(request));
  const schedules = scope.adopt(createSchedules(eventing), (running) => running.stop());

  await openData(executions, () => states.start());
  schedules.start();
  void functions.warmUp();
  return {
    gateway: createGateway({
      routes: parts.routes,
      invoke: functions.invoke,
      clock: clock.clock,
      limitClock,
      newId: () => crypto.randomUUID(),
    }),
    stats: () => ({
      endpoints: { dynamodb: tableUrl, states: `http://127.0.0.1:${services.port}` },
      executions: states.stats(),
    }),
  };
}
