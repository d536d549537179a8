import { IllegalTransition, StaleSequence } from './errors.ts';
import { activate, later, supersede } from './hold.ts';
import { type Operation, type OperationKind, operationId, type Source } from './operation.ts';
import { sameJson } from './same-json.ts';
import type { Desired, Staging } from './staging.ts';
import { changeStatus, type Status } from './status.ts';

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
  /** the caller asked for no lifetime: by itself the blueprint's changes nothing */
  isTtlDefault?: boolean;
  /** milliseconds before the end */
  warnBefore?: number | undefined;
}

const alreadySo: ReadonlySet<Status> = new Set(['Pending', 'Deploying', 'Running', 'Degraded']);

/** Whether its time is over, and it only stands until the sweep comes by. */
const isOver = ({ expiresAt }: Staging, now: Date): boolean =>
  expiresAt !== undefined && expiresAt <= now.toISOString();

/**
 * Decides a PUT. Undefined where nothing would change. With an unchanged wish, another lifetime and a higher sequence are
 * written down without an operation: without the sequence a late request between the two would pass for new.
 * @throws StaleSequence
 */
export function requestDeploy(
  staging: Staging | undefined,
  request: DeployRequest,
  context: RequestContext,
): Decision | undefined {
  const { now } = context;
  refuseStale(staging, request.sequence);
  if (
    staging &&
    !isOver(staging, now) &&
    alreadySo.has(staging.status) &&
    staging.owner === request.owner &&
    sameJson(staging.desired, request.desired)
  ) {
    return requestUnchanged(staging, request, now);
  }
  const isNew = !staging || staging.status === 'Deleted';
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
    ...lifetimeOf(request, now),
  });
}

function requestUnchanged(staging: Staging, request: DeployRequest, now: Date): Decision | undefined {
  const isSameLifetime = request.isTtlDefault === true || request.ttl === staging.ttl;
  const isSameSequence = request.sequence === undefined || request.sequence === staging.sequence;
  if (isSameLifetime && isSameSequence) return undefined;
  const { ttl: _ttl, expiresAt: _expiresAt, warnAt: _warnAt, ...rest } = staging;
  return {
    staging: {
      ...(isSameLifetime ? staging : { ...rest, ...lifetimeOf(request, now) }),
      revision: staging.revision + 1,
      ...(request.sequence === undefined ? {} : { sequence: request.sequence }),
    },
  };
}

/** The lifetime from now on. Nobody is warned of an end that is nearer than the warning. */
function lifetimeOf({ ttl, warnBefore }: DeployRequest, now: Date): Lifetime {
  if (ttl === undefined) return {};
  const isWarned = warnBefore !== undefined && warnBefore < ttl;
  return { ttl, expiresAt: later(now, ttl), ...(isWarned ? { warnAt: later(now, ttl - warnBefore) } : {}) };
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

function refuseStale(staging: Staging | undefined, sequence: number | undefined): void {
  if (sequence !== undefined && staging?.sequence !== undefined && sequence < staging.sequence) {
    throw new StaleSequence(sequence, staging.sequence);
  }
}

/** What an accepted change leaves as it was. */
function lasting(staging: Staging): Accepted {
  const { name, desired, cluster, owner, createdAt, sequence, ttl, expiresAt, warnAt } = staging;
  return {
    name,
    desired,
    cluster,
    owner,
    createdAt,
    ...(sequence === undefined ? {} : { sequence }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(warnAt === undefined ? {} : { warnAt }),
  };
}

type Lifetime = Partial<Pick<Staging, 'ttl' | 'expiresAt' | 'warnAt'>>;

type Accepted = Pick<Staging, 'name' | 'desired' | 'cluster' | 'owner' | 'createdAt'> &
  Lifetime &
  Partial<Pick<Staging, 'sequence' | 'teardownFailures'>>;

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
      status: staging ? changeStatus(staging, status) : status,
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
  return supersede(operation, generation, now);
}
