import { IllegalTransition, StaleSequence, Superseded } from './errors.ts';
import { type Operation, type OperationKind, type Outcome, operationId, type Source } from './operation.ts';
import type { Failure } from './reason.ts';
import type { Active, Desired, Staging } from './staging.ts';
import { isLegal, type Status } from './status.ts';

/** A decision about a staging: the record to write, and the operation to start once it is written. */
export interface Decision {
  staging: Staging;
  start?: Operation;
}

/** What every request carries besides its wish. */
export interface RequestContext {
  actor: string;
  cause: Operation['cause'];
  now: Date;
}

export interface DeployRequest {
  name: string;
  desired: Desired;
  cluster: string;
  owner: string;
  sequence?: number | undefined;
  /** milliseconds; undefined where the blueprint sets none */
  ttl?: number | undefined;
  /** milliseconds before the end */
  warnBefore?: number | undefined;
}

/** An execution that nobody has claimed after this long was never started, or its start was lost: the sweep starts it. */
const startGrace = 60_000;

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

const later = (now: Date, milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString();

function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}

const alreadySo: ReadonlySet<Status> = new Set(['Pending', 'Deploying', 'Running', 'Degraded']);

/**
 * Decides a PUT. Undefined where nothing would change.
 * @throws StaleSequence
 */
export function requestDeploy(
  staging: Staging | undefined,
  request: DeployRequest,
  context: RequestContext,
): Decision | undefined {
  refuseStale(staging, request.sequence);
  if (
    staging &&
    alreadySo.has(staging.status) &&
    staging.owner === request.owner &&
    sameJson(staging.desired, request.desired)
  ) {
    return undefined;
  }
  const { now } = context;
  const isNew = !staging || staging.status === 'Deleted';
  const expiry = request.ttl === undefined ? undefined : later(now, request.ttl);
  const warning =
    request.ttl === undefined || request.warnBefore === undefined || request.warnBefore >= request.ttl
      ? undefined
      : later(now, request.ttl - request.warnBefore);
  return accept(staging, 'deploy', request.desired.source, context, {
    name: request.name,
    desired: request.desired,
    cluster: staging && !isNew ? staging.cluster : request.cluster,
    owner: request.owner,
    createdAt: staging && !isNew ? staging.createdAt : now.toISOString(),
    ...(request.sequence === undefined
      ? staging?.sequence === undefined
        ? {}
        : { sequence: staging.sequence }
      : { sequence: request.sequence }),
    ...(expiry === undefined ? {} : { expiresAt: expiry }),
    ...(warning === undefined ? {} : { warnAt: warning }),
  });
}

/**
 * Decides a redeploy: the same wish again.
 * @throws IllegalTransition where there is nothing to deploy again
 */
export function requestRedeploy(staging: Staging, context: RequestContext): Decision {
  const legal: readonly Status[] = ['Pending', 'Deploying', 'Running', 'Degraded', 'Failed'];
  if (!legal.includes(staging.status)) throw new IllegalTransition(staging.name, staging.status, 'redeploy');
  return accept(staging, 'deploy', staging.desired.source, context, lasting(staging));
}

/** Decides a DELETE. Undefined where the staging is gone or on its way out already. */
export function requestTeardown(staging: Staging, context: RequestContext): Decision | undefined {
  if (staging.status === 'Deleted' || staging.status === 'Deleting') return undefined;
  const kept = { teardownFailures: staging.teardownFailures };
  return accept(staging, 'teardown', staging.desired.source, context, { ...lasting(staging), ...kept });
}

/**
 * An execution's first step takes the staging. Again is fine.
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
    status: to(staging, statusWhileClaimed[staging.active.kind]),
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

/**
 * An execution ends. Where it still is the newest, its outcome becomes the staging's status; where a newer operation
 * was accepted meanwhile, the staging is handed over to that one. Undefined where the execution doesn't hold the
 * staging (any more): then there is nothing to write.
 */
export function end(staging: Staging, generation: number, ending: End, now: Date): Decision | undefined {
  if (staging.active?.generation !== generation) return undefined;
  if (staging.generation !== generation) {
    const next = staging.operation;
    return {
      staging: { ...staging, revision: staging.revision + 1, active: activate(next, now) },
      start: next,
    };
  }
  // The newest can't be superseded: an execution that says so has read an older record, and is to look again.
  if (ending.outcome === 'Superseded') return undefined;
  return { staging: settle(staging, staging.active, ending, now) };
}

/** The operation's record once it has ended; a newer generation makes it Superseded, whatever its last step saw. */
export function endOperation(operation: Operation, staging: Staging, ending: End, now: Date): Operation {
  const outcome = staging.generation === operation.generation ? ending.outcome : 'Superseded';
  const base = { ...operation, endedAt: now.toISOString(), outcome };
  if (outcome === 'Superseded') {
    return {
      ...base,
      reason: { code: 'Superseded', message: `superseded by generation ${staging.generation}` },
    };
  }
  return ending.outcome === 'Failed' ? { ...base, ...ending.failure } : base;
}

/** Backoff of failed teardowns: a minute, doubled each time, an hour at most. */
const teardownBackoff = (failures: number): number => Math.min(60_000 * 2 ** (failures - 1), 3_600_000);

function settle(staging: Staging, active: Active, ending: End, now: Date): Staging {
  const { active: _active, reason: _reason, retryAt: _retryAt, ...kept } = staging;
  const base = {
    ...kept,
    revision: staging.revision + 1,
    updatedAt: now.toISOString(),
    operation: endOperation(staging.operation, staging, ending, now),
  };
  if (ending.outcome !== 'Failed') {
    const status = to(staging, statusOnSuccess[active.kind]);
    if (status !== 'Deleted') return { ...base, status };
    const { expiresAt: _expiresAt, warnAt: _warnAt, ...gone } = base;
    return { ...gone, status, deletedAt: base.updatedAt, teardownFailures: 0 };
  }
  const { reason } = ending.failure;
  if (active.kind !== 'teardown') return { ...base, status: to(staging, 'Failed'), reason };
  const teardownFailures = staging.teardownFailures + 1;
  return {
    ...base,
    status: to(staging, 'DeleteFailed'),
    reason,
    teardownFailures,
    retryAt: later(now, teardownBackoff(teardownFailures)),
  };
}

function refuseStale(staging: Staging | undefined, sequence: number | undefined): void {
  if (sequence !== undefined && staging?.sequence !== undefined && sequence < staging.sequence) {
    throw new StaleSequence(sequence, staging.sequence);
  }
}

/** What an accepted change leaves as it was. */
function lasting(staging: Staging): Accepted {
  const { name, desired, cluster, owner, createdAt, sequence, expiresAt, warnAt } = staging;
  return {
    name,
    desired,
    cluster,
    owner,
    createdAt,
    ...(sequence === undefined ? {} : { sequence }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(warnAt === undefined ? {} : { warnAt }),
  };
}

type Accepted = Pick<Staging, 'name' | 'desired' | 'cluster' | 'owner' | 'createdAt'> &
  Partial<Pick<Staging, 'sequence' | 'expiresAt' | 'warnAt' | 'teardownFailures'>>;

/**
 * One generation on. The execution that holds the staging keeps it until it notices; one that was never claimed has
 * nothing to finish, so the new one takes its place at once.
 */
function accept(
  staging: Staging | undefined,
  kind: OperationKind,
  source: Source | undefined,
  context: RequestContext,
  accepted: Accepted,
): Decision {
  const { now } = context;
  const generation = (staging?.generation ?? 0) + 1;
  const operation: Operation = {
    id: operationId(accepted.name, generation, kind),
    staging: accepted.name,
    kind,
    generation,
    actor: context.actor,
    cause: context.cause,
    ...(source === undefined ? {} : { source }),
    requestedAt: now.toISOString(),
  };
  const holder = staging?.active?.claimedAt === undefined ? undefined : staging.active;
  const status = kind === 'teardown' ? 'Deleting' : 'Pending';
  return {
    staging: {
      ...accepted,
      revision: (staging?.revision ?? 0) + 1,
      status: staging ? to(staging, status) : status,
      generation,
      updatedAt: now.toISOString(),
      operation,
      active: holder ?? activate(operation, now),
      displaced: staging ? [...staging.displaced, displace(staging, generation, now)] : [],
      teardownFailures: accepted.teardownFailures ?? 0,
    },
    ...(holder ? {} : { start: operation }),
  };
}

/** The operation that a newer one replaces: over, unless its execution still holds the staging and will say so itself. */
function displace(staging: Staging, generation: number, now: Date): Operation {
  const { operation } = staging;
  const stillHolds = staging.active?.generation === operation.generation && staging.active.claimedAt !== undefined;
  if (operation.outcome !== undefined || stillHolds) return operation;
  return {
    ...operation,
    endedAt: now.toISOString(),
    outcome: 'Superseded',
    reason: { code: 'Superseded', message: `superseded by generation ${generation}` },
  };
}

const activate = (operation: Operation, now: Date): Active => ({
  operationId: operation.id,
  generation: operation.generation,
  kind: operation.kind,
  deadline: later(now, startGrace),
});

function to(staging: Staging, status: Status): Status {
  if (!isLegal(staging.status, status)) throw new IllegalTransition(staging.name, staging.status, status);
  return status;
}
