import { Superseded } from './errors.ts';
import { activate, later, supersede } from './hold.ts';
import type { Decision } from './lifecycle.ts';
import type { Operation, OperationKind, Outcome } from './operation.ts';
import type { Failure } from './reason.ts';
import type { Active, Staging } from './staging.ts';
import { changeStatus, type Status } from './status.ts';

/** Upper bound of one execution: state machines end themselves after an hour, five minutes are for recording it. */
const executionLimit = 65 * 60_000;

const statusWhileClaimed: Readonly<Record<OperationKind, Status>> = {
  deploy: 'Deploying',
  archive: 'Archiving',
  restore: 'Restoring',
  teardown: 'Deleting',
};

const statusOnSuccess: Readonly<Record<OperationKind, Status>> = {
  deploy: 'Running',
  archive: 'Archived',
  restore: 'Running',
  teardown: 'Deleted',
};

/**
 * An execution's first step takes the staging. Again is fine, and changes nothing.
 * @throws Superseded where the staging belongs to a newer operation, or to none
 */
export function claim(staging: Staging, generation: number, now: Date): Staging {
  if (staging.active?.generation !== generation || staging.generation !== generation) {
    throw new Superseded(generation, staging.generation);
  }
  if (staging.active.claimedAt !== undefined) return staging;
  const at = now.toISOString();
  const { reason: _reason, retryAt: _retryAt, ...kept } = staging;
  return {
    ...kept,
    revision: staging.revision + 1,
    status: changeStatus(staging, statusWhileClaimed[staging.active.kind]),
    updatedAt: at,
    operation: { ...staging.operation, startedAt: at },
    active: { ...staging.active, claimedAt: at, deadline: later(now, executionLimit) },
    displaced: [],
  };
}

/** How an execution ended, as its last step knows it. */
export type End =
  | { outcome: Extract<Outcome, 'Succeeded'> }
  | { outcome: Extract<Outcome, 'Superseded'> }
  | { outcome: Extract<Outcome, 'Failed'>; failure: Failure };

/** Whether the execution of this generation holds the staging, claimed or about to be. */
export const holds = (staging: Staging, generation: number): boolean => staging.active?.generation === generation;

/**
 * An execution ends. Where it still is the newest, its outcome becomes the staging's status; where a newer operation
 * was accepted meanwhile, the staging is handed over to that one, and this one's outcome goes into `displaced`, so that
 * one write settles both. Undefined where the execution doesn't hold the staging (any more): then there is nothing to
 * write; and where the newest calls itself superseded: it can't be, and is to look again.
 */
export function end(staging: Staging, generation: number, ending: End, now: Date): Decision | undefined {
  if (staging.active?.generation !== generation) return undefined;
  if (staging.generation !== generation) return handOver(staging, generation, now);
  if (ending.outcome === 'Superseded') return undefined;
  return { staging: settle(staging, staging.active, ending, now) };
}

function handOver(staging: Staging, generation: number, now: Date): Decision {
  const next = staging.operation;
  return {
    staging: {
      ...staging,
      revision: staging.revision + 1,
      active: activate(next, now),
      displaced: staging.displaced.map((operation) =>
        operation.generation === generation ? supersede(operation, staging.generation, now) : operation,
      ),
    },
    start: next,
  };
}

/** The operation as the staging's record knows it: the newest, or one it displaced since the last claim. */
export const operationIn = (staging: Staging, generation: number): Operation | undefined =>
  [staging.operation, ...staging.displaced].find((operation) => operation.generation === generation);

/** Backoff of failed teardowns: a minute, doubled each time, an hour at most. */
const teardownBackoff = (failures: number): number => Math.min(60_000 * 2 ** (failures - 1), 3_600_000);

type Settled = Exclude<End, { outcome: 'Superseded' }>;

function settle(staging: Staging, active: Active, ending: Settled, now: Date): Staging {
  const { active: _active, reason: _reason, retryAt: _retryAt, ...kept } = staging;
  const at = now.toISOString();
  const failure = ending.outcome === 'Failed' ? ending.failure : {};
  const base = {
    ...kept,
    revision: staging.revision + 1,
    updatedAt: at,
    operation: { ...staging.operation, endedAt: at, outcome: ending.outcome, ...failure },
  };
  if (ending.outcome === 'Succeeded') {
    const status = changeStatus(staging, statusOnSuccess[active.kind]);
    if (status !== 'Deleted') return { ...base, status };
    const { expiresAt: _expiresAt, warnAt: _warnAt, ...gone } = base;
    return { ...gone, status, deletedAt: at, teardownFailures: 0 };
  }
  const { reason } = ending.failure;
  if (active.kind !== 'teardown') return { ...base, status: changeStatus(staging, 'Failed'), reason };
  const teardownFailures = staging.teardownFailures + 1;
  return {
    ...base,
    status: changeStatus(staging, 'DeleteFailed'),
    reason,
    teardownFailures,
    retryAt: later(now, teardownBackoff(teardownFailures)),
  };
}
