import { Conflict } from '../domain/errors.ts';
import { type End, end, holds, operationIn } from '../domain/execution.ts';
import type { Operation, Outcome } from '../domain/operation.ts';
import type { Reason } from '../domain/reason.ts';
import type { Staging } from '../domain/staging.ts';
import type { Executions } from '../stores/executions.ts';
import type { OperationStore } from '../stores/operations.ts';
import type { StagingStore } from '../stores/stagings.ts';
import { type AnnounceDeps, announce } from './announce.ts';
import { startOperation } from './start-operation.ts';
import { type Pace, tryAgain } from './try-again.ts';

export interface RecordDeps extends AnnounceDeps, Pace {
  stagings: Pick<StagingStore, 'get' | 'save'>;
  operations: Pick<OperationStore, 'get' | 'put'>;
  executions: Executions;
}

/** How the operation's record ended, which need not be how this step saw it. */
export interface Recorded {
  outcome: Outcome;
  /** there with every outcome but success */
  reason?: Reason;
}

/**
 * Records how an execution ended, and hands the staging over where a newer operation waits. One conditional write decides;
 * what follows it is repeated by the same step again, or mended by the next claim and the sweep. Again is fine.
 * @throws Conflict where others keep changing the record
 */
export const recordEnd = (deps: RecordDeps, name: string, generation: number, ending: End): Promise<Recorded> =>
  tryAgain(deps, async () => {
    const staging = await deps.stagings.get(name);
    if (!staging) return superseded(`staging "${name}" is forgotten`);
    const decision = end(staging, generation, ending, deps.now());
    if (!decision) return mend(deps, staging, generation);
    await deps.stagings.save(decision.staging);
    const recorded = await keepCopy(deps, decision.staging, generation);
    if (decision.start) await startOperation(deps, decision.start);
    await announce(deps, staging, decision.staging);
    return recorded;
  });

const superseded = (message: string): Recorded => ({
  outcome: 'Superseded',
  reason: { code: 'Superseded', message },
});

/** The operation ended before: what was cut off between its writes is done again. */
async function mend(deps: RecordDeps, staging: Staging, generation: number): Promise<Recorded> {
  if (holds(staging, generation)) {
    throw new Conflict(`generation ${generation} of "${staging.name}" is the newest, and was told that it isn't`);
  }
  const recorded = await keepCopy(deps, staging, generation);
  const isWaiting = staging.active !== undefined && staging.active.claimedAt === undefined;
  if (isWaiting) await startOperation(deps, staging.operation);
  return recorded;
}

/** Writes the operation's own item from the staging, which forgets it with the next claim; later the item has it alone. */
async function keepCopy(deps: RecordDeps, staging: Staging, generation: number): Promise<Recorded> {
  const operation = operationIn(staging, generation);
  if (operation?.outcome !== undefined) {
    await deps.operations.put(operation);
    return toRecorded(operation, staging);
  }
  const item = await deps.operations.get({ staging: staging.name, generation });
  return item ? toRecorded(item.operation, staging) : superseded(`superseded by generation ${staging.generation}`);
}

function toRecorded({ outcome, reason }: Operation, staging: Staging): Recorded {
  if (outcome === undefined) return superseded(`superseded by generation ${staging.generation}`);
  return { outcome, ...(reason === undefined ? {} : { reason }) };
}
