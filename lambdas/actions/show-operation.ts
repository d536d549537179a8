import { NotFound } from '../domain/errors.ts';
import { operationIn } from '../domain/execution.ts';
import { type Operation, parseOperationId } from '../domain/operation.ts';
import type { Staging } from '../domain/staging.ts';
import type { OperationKey, OperationRecord, OperationStore } from '../stores/operations.ts';
import type { StagingStore } from '../stores/stagings.ts';
import type { Pace } from './try-again.ts';

export interface ShowOperationDeps extends Pace {
  stagings: Pick<StagingStore, 'get'>;
  operations: Pick<OperationStore, 'get'>;
}

/** Callers that wait in this process: one in Lambda, and as many as there are where a process serves all of them. */
let waiting = 0;

/**
 * Milliseconds until the next look, a 32nd of the operation's age: short ones are seen to end at once, and a long one
 * costs a consistent read of one small item every two seconds. Beyond eight callers all of them together look no more often.
 */
const pollInterval = (operation: Operation, now: Date): number => {
  const age = now.getTime() - Date.parse(operation.requestedAt);
  return Math.min(Math.max(age / 32, 10) * Math.max(waiting / 8, 1), 2000);
};

/**
 * One operation, as soon as it has ended or `wait` milliseconds are over.
 * @throws NotFound
 */
export async function showOperation(deps: ShowOperationDeps, id: string, wait = 0): Promise<OperationRecord> {
  const key = parseOperationId(id);
  if (!key) throw new NotFound('operation', id);
  const truth = await awaitEnd(deps, key, deps.now().getTime() + wait);
  const record = combine(await deps.operations.get(key), truth);
  if (record?.operation.id !== id) throw new NotFound('operation', id);
  return record;
}

/** The operation as its staging has it, once it has ended or the time has come. */
async function awaitEnd(deps: ShowOperationDeps, key: OperationKey, until: number): Promise<Operation | undefined> {
  let truth = known(await deps.stagings.get(key.staging), key);
  waiting += 1;
  try {
    while (truth !== undefined && truth.outcome === undefined && deps.now().getTime() < until) {
      const now = deps.now();
      await deps.sleep(Math.min(pollInterval(truth, now), until - now.getTime()));
      truth = known(await deps.stagings.get(key.staging), key);
    }
  } finally {
    waiting -= 1;
  }
  return truth;
}

const known = (staging: Staging | undefined, key: OperationKey): Operation | undefined =>
  staging && operationIn(staging, key.generation);

/**
 * The staging has the truth about its newest operations; the item has it about all others, since it is written before
 * the staging forgets, and it has the steps.
 */
export function combine(item: OperationRecord | undefined, truth: Operation | undefined): OperationRecord | undefined {
  if (truth === undefined || item?.operation.outcome !== undefined) return item;
  return { steps: [], ...item, operation: truth };
}
