import { type ApplyRun, applyObjects, applyOne } from '../cluster/apply-objects.ts';
import { awaitQuota } from '../cluster/await-quota.ts';
import { ownBinding } from '../cluster/bind-rights.ts';
import { guardsOf } from '../cluster/guards.ts';
import { hooksOf } from '../cluster/hook-order.ts';
import { splitByQuota } from '../cluster/install-order.ts';
import { type Inventory, isUpgrade, obsolete, united } from '../cluster/inventory.ts';
import { readInventory, writeInventory } from '../cluster/keep-inventory.ts';
import {
  type Claimant,
  ensureNamespace,
  namespaceRef,
  refuseNewer,
  refuseOthers,
  unmakeNamespace,
} from '../cluster/namespace.ts';
import { isDefinition, prepareWorkload } from '../cluster/prepare-objects.ts';
import { prune } from '../cluster/prune.ts';
import { named } from '../cluster/rejections.ts';
import { runHooks } from '../cluster/run-hooks.ts';
import { whatHolds } from '../cluster/what-holds.ts';
import { Superseded } from '../domain/errors.ts';
import { ApplyRejected, TeardownStuck } from '../domain/health/failures.ts';
import { at } from '../domain/health/fields.ts';
import type { KubernetesObject, Workload } from '../domain/kubernetes-object.ts';
import { refKey, refOf } from '../domain/object-ref.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { type Acting, readHeld } from './fence.ts';
import { type Planned, planOf } from './plan.ts';
import { renderStaging } from './render-staging.ts';
import { tellProgress } from './tell-progress.ts';

/**
 * Brings a staging's objects into the cluster: namespace and its bounds, hooks that come before, objects, and away with
 * what is no longer among them. Again is fine, at any point: what was done is found done.
 * @returns `done: false` where a hook, or a namespace that is still going away, takes longer than one invocation
 * @throws Superseded, RenderFailed, ApplyRejected, QuotaExceeded, HookFailed, ClusterUnreachable, ClusterBusy; TeardownStuck
 * where a namespace that is going away doesn't make room in time
 */
export async function applyWorkload(deps: ClusterDeps, acting: Acting): Promise<{ done: boolean }> {
  const signal = AbortSignal.timeout(deps.budget);
  const plan = planOf(deps, await readHeld(deps.stagings, acting), acting);
  return named(ApplyRejected, plan.target.namespace, () => applyPlanned(deps, plan, signal));
}

async function applyPlanned(deps: ClusterDeps, plan: Planned, signal: AbortSignal): Promise<{ done: boolean }> {
  const { client, target } = plan;
  const [namespace, before] = await Promise.all([
    client.get(namespaceRef(target.namespace)),
    readInventory(client, target.namespace),
  ]);
  refuseOthers(namespace, { target, installation: deps.installation });
  refuseNewer(namespace, target.generation);
  const isGoing = namespace?.metadata.deletionTimestamp !== undefined;
  const known = isGoing || !namespace ? undefined : before;
  const workload = await prepared(deps, plan, known);
  if (!(await makeRoom(deps, plan, signal))) return { done: false };
  return { done: await applyPrepared(deps, plan, workload, known, signal) };
}

/** The namespace, once the one before it is gone. False where that takes longer than one invocation. */
async function makeRoom(deps: ClusterDeps, plan: Planned, signal: AbortSignal): Promise<boolean> {
  const { client, target, pace, staging } = plan;
  const late = pace.startedAt + pace.timeout;
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(Math.max(late - deps.now(), lastLook))]);
  const commit = staging.desired.source?.commit;
  const claimant = { target, installation: deps.installation, operation: 'deploy' as const, commit };
  const ensured = await ensureNamespace(client, claimant, isOver);
  if (ensured === 'made') await keepIfWanted(deps, plan, claimant);
  if (ensured !== 'going') return true;
  if (deps.now() < late) return false;
  throw new TeardownStuck((await whatHolds(client, target.namespace)).slice(0, 1000));
}

/**
 * A deploy that was frozen just before it made the namespace may wake up when the staging has been taken away, and nobody
 * would look for the namespace any more.
 * @throws Superseded
 */
async function keepIfWanted(deps: ClusterDeps, { client, target, fence }: Planned, claimant: Claimant): Promise<void> {
  try {
    await fence();
  } catch (error) {
    const staging = await deps.stagings.get(target.staging);
    const isLeaving = !staging || ['Deleting', 'DeleteFailed', 'Deleted'].includes(staging.status);
    if (error instanceof Superseded && isLeaving) await unmakeNamespace(client, claimant);
    throw error;
  }
}

/** The last look before it counts as stuck still sees what has gone meanwhile. */
const lastLook = 1_000;

async function prepared(deps: ClusterDeps, plan: Planned, known: Inventory | undefined): Promise<Workload> {
  const upgrade = known !== undefined && isUpgrade(known, productOf(plan));
  const rendered = await renderStaging(deps, plan, upgrade);
  return prepareWorkload(rendered, plan.target, plan.blueprint, plan.client.discovery);
}

async function applyPrepared(
  deps: ClusterDeps,
  plan: Planned,
  workload: Workload,
  before: Inventory | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { client, target, blueprint } = plan;
  const run = { client, target, fence: plan.fence, signal };
  const next = inventoryOf(workload, productOf(plan));
  const progress = tellProgress(deps, target);
  const both = before ? united(before, next) : next;
  const guards = guardsOf(target, blueprint.limits, deps.ingressNamespace);
  const [inventory, stored] = await Promise.all([
    writeInventory(client, target, both),
    Promise.all(guards.map((guard) => applyOne(run, guard))),
    applyOne(run, ownBinding(target, deps.installation)),
  ]);
  const phase = before && isUpgrade(before, productOf(plan)) ? 'pre-upgrade' : 'pre-install';
  const hasHooks = hooksOf(workload.hooks, phase).length > 0;
  const [uncounted, rest] = hasHooks ? [[], workload.objects] : splitByQuota(workload.objects);
  await Promise.all([awaitQuotas(run, stored), applyObjects(run, uncounted)]);

  const hooks = await runHooks({
    ...plan.pace,
    client,
    target,
    signal,
    phase,
    hooks: workload.hooks,
    inventory,
    fence: plan.fence,
    tell: (message) => progress.tell({ ready: 0, total: next.refs.length, message }),
  });
  await progress.settled();
  if (!hooks.isDone) return false;

  await applyObjects(run, rest);
  await plan.fence();
  // An ordinary object may have become a hook, and was written by it just now.
  const wanted = [...next.refs, ...workload.hooks.map(({ object }) => refOf(object))];
  if (before) await prune(plan, obsolete(before, wanted));
  const settled = { ...hooks.inventory, refs: next.refs, transient: next.transient };
  await writeInventory(client, target, settled);
  return true;
}

async function awaitQuotas({ client, signal }: ApplyRun, guards: readonly (KubernetesObject | undefined)[]) {
  const quotas = guards.filter((guard) => guard !== undefined).filter(({ kind }) => kind === 'ResourceQuota');
  await Promise.all(quotas.map((quota) => awaitQuota(client, quota, signal)));
}

const productOf = ({ target, blueprint }: Planned) => ({ generation: target.generation, blueprint: blueprint.name });

function inventoryOf({ objects, hooks }: Workload, product: ReturnType<typeof productOf>): Inventory {
  const kept = objects.filter((object) => !isDefinition(object));
  return {
    ...product,
    refs: kept.map(refOf),
    transient: kept.filter(endsByItself).map((object) => refKey(refOf(object))),
    hookRefs: hooks.map(({ object }) => refOf(object)).filter(({ namespace }) => namespace === undefined),
    ranHooks: [],
  };
}

const endsByItself = (object: KubernetesObject): boolean =>
  object.kind === 'Job' && at(object, 'spec', 'ttlSecondsAfterFinished') !== undefined;
