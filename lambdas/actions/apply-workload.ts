import { applyObjects } from '../cluster/apply-objects.ts';
import { guardsOf } from '../cluster/guards.ts';
import { type Inventory, isUpgrade, obsolete, united } from '../cluster/inventory.ts';
import { readInventory, writeInventory } from '../cluster/keep-inventory.ts';
import { ensureNamespace, namespaceRef, refuseNewer } from '../cluster/namespace.ts';
import { isDefinition, prepareWorkload, type Target } from '../cluster/prepare-objects.ts';
import { prune } from '../cluster/prune.ts';
import { runHooks } from '../cluster/run-hooks.ts';
import { at } from '../domain/health/fields.ts';
import type { KubernetesObject, Workload } from '../domain/kubernetes-object.ts';
import { refKey, refOf } from '../domain/object-ref.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { type Acting, readHeld } from './fence.ts';
import { type Planned, planOf } from './plan.ts';
import { renderStaging } from './render-staging.ts';

/**
 * Brings a staging's objects into the cluster: namespace and its bounds, hooks that come before, objects, and away with
 * what is no longer among them. Again is fine, at any point: what was done is found done.
 * @returns `done: false` where a hook, or a namespace that is still going away, takes longer than one invocation
 * @throws Superseded, RenderFailed, ApplyRejected, QuotaExceeded, HookFailed, ClusterUnreachable, ClusterBusy
 */
export async function applyWorkload(deps: ClusterDeps, acting: Acting): Promise<{ done: boolean }> {
  const signal = AbortSignal.timeout(deps.budget);
  const plan = planOf(deps, await readHeld(deps.stagings, acting), acting);
  const { client, target } = plan;
  const [namespace, before] = await Promise.all([
    client.get(namespaceRef(target.namespace)),
    readInventory(client, target.namespace),
  ]);
  refuseNewer(namespace, acting.generation);
  const isGoing = namespace?.metadata.deletionTimestamp !== undefined;
  const known = isGoing || !namespace ? undefined : before;
  const workload = await prepared(deps, plan, known);
  if (!(await ensureNamespace(client, { target, installation: deps.installation, operation: 'deploy' }, signal)))
    return { done: false };
  return { done: await applyPrepared(deps, plan, workload, known, signal) };
}

async function prepared(deps: ClusterDeps, plan: Planned, known: Inventory | undefined): Promise<Workload> {
  const upgrade = known !== undefined && isUpgrade(known, plan.target.generation);
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
  const next = inventoryOf(workload, target);
  const both = before ? united(before, next) : next;
  const guards = guardsOf(target, blueprint.limits, deps.ingressNamespace);
  await Promise.all([applyObjects(run, guards), writeInventory(client, target, both)]);

  const hooks = await runHooks({
    ...plan.pace,
    client,
    target,
    signal,
    phase: before && isUpgrade(before, target.generation) ? 'pre-upgrade' : 'pre-install',
    hooks: workload.hooks,
    inventory: both,
    fence: plan.fence,
  });
  if (!hooks.isDone) return false;

  await applyObjects(run, workload.objects);
  await plan.fence();
  if (before) await prune(plan, obsolete(before, next.refs));
  const settled = { ...hooks.inventory, refs: next.refs, transient: next.transient };
  await writeInventory(client, target, settled);
  return true;
}

function inventoryOf({ objects, hooks }: Workload, { generation }: Target): Inventory {
  const kept = objects.filter((object) => !isDefinition(object));
  return {
    generation,
    refs: kept.map(refOf),
    transient: kept.filter(endsByItself).map((object) => refKey(refOf(object))),
    hookRefs: hooks.map(({ object }) => refOf(object)).filter(({ namespace }) => namespace === undefined),
    ranHooks: [],
  };
}

const endsByItself = (object: KubernetesObject): boolean =>
  object.kind === 'Job' && at(object, 'spec', 'ttlSecondsAfterFinished') !== undefined;
