import type { Decision } from '../domain/lifecycle.ts';
import type { Operation } from '../domain/operation.ts';
import type { Staging } from '../domain/staging.ts';
import type { Executions } from '../stores/executions.ts';
import type { OperationStore } from '../stores/operations.ts';
import type { StagingStore } from '../stores/stagings.ts';
import type { Log } from './log.ts';
import { prepareOperation } from './start-operation.ts';
import { type Pace, tryAgain } from './try-again.ts';

export interface ChangeDeps extends Pace {
  stagings: StagingStore;
  operations: OperationStore;
  executions: Executions;
  log: Log;
}

/** What became of a request: the staging as it is now, and the operation where one was accepted. */
export interface Changed {
  staging: Staging;
  operation?: Operation;
  /** the record as it was read; absent where there was none */
  before?: Staging;
}

/** A decision, or the staging as it is where nothing has to change. */
export type Decide = (staging: Staging | undefined) => Decision | Staging | Promise<Decision | Staging>;

/**
 * One read, one decision, one conditional write, one start; and only the read where nothing changes.
 * @throws Conflict where others keep changing the staging, and whatever the decision throws
 */
export const changeStaging = (deps: ChangeDeps, name: string, decide: Decide): Promise<Changed> =>
  tryAgain(deps, async () => {
    const before = await deps.stagings.get(name);
    const known = before === undefined ? {} : { before };
    const decision = await decide(before);
    if (!('staging' in decision)) return { staging: decision, ...known };
    const staging = await shorten(deps.operations, decision.staging);
    const saved = deps.stagings.save(staging);
    const start = decision.start && prepareOperation(deps, decision.start);
    await saved;
    await start?.();
    const isAccepted = staging.generation !== before?.generation;
    return { staging, ...known, ...(isAccepted ? { operation: staging.operation } : {}) };
  });

/**
 * Displaced operations wait in the record for the next claim. An item holds 400 KB: while one execution stands in the way
 * of hundreds of requests, those that are over go to their history early.
 */
const mostDisplaced = 16;

async function shorten(operations: OperationStore, staging: Staging): Promise<Staging> {
  if (staging.displaced.length <= mostDisplaced) return staging;
  const over = staging.displaced.filter((operation) => operation.outcome !== undefined);
  await Promise.all(over.map((operation) => operations.put(operation)));
  return { ...staging, displaced: staging.displaced.filter((operation) => operation.outcome === undefined) };
}
