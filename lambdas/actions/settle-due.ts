import { type Chore, choreDue, warned } from '../domain/due.ts';
import { later, startAgain } from '../domain/hold.ts';
import { requestTeardown } from '../domain/lifecycle.ts';
import type { Operation } from '../domain/operation.ts';
import type { Active, Staging } from '../domain/staging.ts';
import { announce, linksFor } from './announce.ts';
import { type ChangeDeps, changeStaging } from './change-staging.ts';
import { endingOf } from './execution-ending.ts';
import { type RecordDeps, recordEnd } from './record-end.ts';

export type SettleDeps = ChangeDeps &
  RecordDeps & { /** names of those that are configured */ clusters: readonly string[] };

/** Who the sweep is, in records and events. */
export const sweepActor = 'berth:sweep';

/** An execution that should have ended but runs is asked again after this long. */
const askAgain = 5 * 60_000;

/** A cluster that isn't configured is looked for again after this long. */
const lookAgain = 60 * 60_000;

/**
 * Does the one thing that is weightiest for a staging now, decided on a fresh read: the list that named it is behind.
 * @returns what was done; undefined where nothing is due (any more)
 * @throws Conflict, StoreUnavailable, StoreRefused
 */
export async function settleDue(deps: SettleDeps, name: string, mayExpire: boolean): Promise<Chore | undefined> {
  const staging = await deps.stagings.get(name);
  const chore = staging && choreDue(staging, deps.now(), mayExpire);
  if (!staging || !chore) return undefined;
  switch (chore) {
    case 'warn':
      await warn(deps, staging);
      break;
    case 'retry-teardown':
      if (deps.clusters.includes(staging.cluster)) await tearDown(deps, staging, chore, mayExpire);
      else await postpone(deps, staging);
      break;
    case 'expire':
      await tearDown(deps, staging, chore, mayExpire);
      break;
    case 'start':
      await startLost(deps, staging);
      break;
    case 'declare-lost':
      await askAfter(deps, staging);
      break;
    default:
      chore satisfies never;
  }
  return chore;
}

/** The event first: a warning told twice is better than none. */
async function warn(deps: SettleDeps, staging: Staging): Promise<void> {
  const { name, owner, expiresAt } = staging;
  await deps.events.put(
    {
      detailType: 'Staging Expiring',
      detail: { name, owner, ...(expiresAt === undefined ? {} : { expiresAt }), links: linksFor(deps, staging) },
    },
    deps.now(),
  );
  await deps.stagings.save(warned(staging));
}

/** Decided again on every read: meanwhile the staging may have got more time. */
async function tearDown(
  deps: SettleDeps,
  { name }: Staging,
  chore: 'expire' | 'retry-teardown',
  mayExpire: boolean,
): Promise<void> {
  const cause: Operation['cause'] = chore === 'expire' ? 'expiry' : 'retry';
  const { before, staging } = await changeStaging(deps, name, (fresh) => {
    if (!fresh) throw new Error(`staging "${name}" vanished`);
    const now = deps.now();
    if (choreDue(fresh, now, mayExpire) !== chore) return fresh;
    return requestTeardown(fresh, { actor: sweepActor, cause, now }) ?? fresh;
  });
  if (before) await announce(deps, before, staging);
}

/**
 * Each try would end as the last one did, and its record says how: the cluster is to be put back into the configuration, and
 * then the next try takes the staging away.
 */
async function postpone(deps: SettleDeps, staging: Staging): Promise<void> {
  deps.log.warn('the cluster is not configured: the teardown is not tried', { cluster: staging.cluster });
  const retryAt = later(deps.now(), lookAgain);
  await deps.stagings.save({ ...staging, revision: staging.revision + 1, retryAt });
}

/**
 * What nobody claimed was never started, or is late, or ended before it could say anything. The new grace is written first,
 * since an execution that starts may claim at once.
 */
async function startLost(deps: SettleDeps, staging: Staging): Promise<void> {
  const { operation } = staging;
  deps.log.warn('operation was not claimed in time: starting it again', { operation: operation.id });
  await deps.stagings.save(startAgain(staging, deps.now()));
  if ((await deps.executions.start(operation)) === 'started') return;
  await recordEnd(deps, staging.name, operation.generation, endingOf(await deps.executions.ask(operation)));
}

/** The execution should be over by its own time limit, and the rule that tells of its end should have told. */
async function askAfter(deps: SettleDeps, staging: Staging): Promise<void> {
  const { active } = staging;
  if (!active) return;
  const state = await deps.executions.ask({ id: active.operationId, kind: active.kind });
  deps.log.warn('execution did not record its end', { operation: active.operationId, status: state.status });
  if (state.status === 'RUNNING') await deps.stagings.save(wait(staging, active, deps.now()));
  else await recordEnd(deps, staging.name, active.generation, endingOf(state));
}

const wait = (staging: Staging, active: Active, now: Date): Staging => ({
  ...staging,
  revision: staging.revision + 1,
  active: { ...active, deadline: later(now, askAgain) },
});
