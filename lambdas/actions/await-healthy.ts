import { setTimeout as sleep } from 'node:timers/promises';
import { expectedRefs, type Inventory, isUpgrade } from '../cluster/inventory.ts';
import { readInventory, writeInventory } from '../cluster/keep-inventory.ts';
import { missingInert } from '../cluster/missing-inert.ts';
import { namespaceRef, refuseNewer, refuseOthers } from '../cluster/namespace.ts';
import { observe } from '../cluster/observe.ts';
import { prepareWorkload } from '../cluster/prepare-objects.ts';
import { named } from '../cluster/rejections.ts';
import { replacePod } from '../cluster/replace-pod.ts';
import { runHooks } from '../cluster/run-hooks.ts';
import { ApplyRejected, TimedOut, workloadFailure } from '../domain/health/failures.ts';
import { generationOf, judge, type Verdict } from '../domain/health/judge.ts';
import { isInert } from '../domain/health/rules.ts';
import { stuckPod } from '../domain/health/stuck-pod.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { type Acting, readHeld } from './fence.ts';
import { type Planned, planOf } from './plan.ts';
import { awaitProbes } from './probe.ts';
import { renderStaging } from './render-staging.ts';
import { tellProgress } from './tell-progress.ts';

export type HealthVerdict = 'healthy' | 'waiting' | 'reapply';

/**
 * Watches a staging's workload until it is well, and answers as it should, and the hooks that come after have run.
 * @returns `waiting` where one invocation is too short for that, `reapply` where an object is missing or was written by
 * an older generation
 * @throws Superseded; what keeps it from getting well: ImageNotFound, CrashLoop, TimedOut and the like
 */
export async function awaitHealthy(deps: ClusterDeps, acting: Acting): Promise<{ verdict: HealthVerdict }> {
  const signal = AbortSignal.timeout(deps.budget);
  const plan = planOf(deps, await readHeld(deps.stagings, acting), acting);
  return named(ApplyRejected, plan.target.namespace, () => awaitPlanned(deps, plan, signal));
}

async function awaitPlanned(
  deps: ClusterDeps,
  plan: Planned,
  signal: AbortSignal,
): Promise<{ verdict: HealthVerdict }> {
  const { client, target, pace } = plan;
  const { generation } = target;
  const [namespace, inventory] = await Promise.all([
    client.get(namespaceRef(target.namespace)),
    readInventory(client, target.namespace),
  ]);
  refuseOthers(namespace, { target, installation: deps.installation });
  refuseNewer(namespace, generation);
  const isApplied = namespace && generationOf(namespace) === generation && inventory.generation === generation;
  const verdict = isApplied ? await awaitReady(deps, plan, inventory, signal) : 'reapply';
  if (verdict === 'replaced') return awaitPlanned(deps, plan, signal);
  if (verdict === 'reapply' && deps.now() - pace.startedAt >= pace.timeout) {
    throw new TimedOut(`Namespace/${target.namespace}: objects keep vanishing or being changed by somebody else`);
  }
  if (verdict === 'reapply') await slowDown(plan, deps.now(), signal);
  if (verdict !== 'healthy') return { verdict };
  return { verdict: await finish(deps, plan, inventory, signal) };
}

/** Somebody who undoes what Berth applies costs two state transitions each time, and an execution has 25,000 events. */
const quickTurns = 60_000;
const pause = 10_000;

async function slowDown({ pace, fence }: Planned, now: number, signal: AbortSignal): Promise<void> {
  if (now - pace.startedAt < quickTurns) return;
  await sleep(pause, undefined, { signal }).catch(() => {});
  await fence();
}

/** Pods and the quota that counts them are told of by several watches: room may be taken by a pod that isn't seen yet. */
const refusalBelieved = 1_500;

async function awaitReady(
  deps: ClusterDeps,
  plan: Planned,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<HealthVerdict | 'replaced'> {
  const { client, target, pace, fence } = plan;
  const { refs } = inventory;
  const transient = new Set(inventory.transient);
  const progress = tellProgress(deps, target);
  let refusedSince: number | undefined;
  const verdict = await observe<Verdict | { state: 'stuck'; pod: KubernetesObject }>({
    client,
    namespace: target.namespace,
    refs,
    signal,
    now: deps.now,
    tick: fence,
    decide(view, pulls) {
      const expectation = { refs, transient, generation: target.generation, ...pace, pulls };
      const pod = stuckPod(view, expectation);
      if (pod) return { state: 'stuck', pod };
      const found = judge(view, expectation);
      if (found.state === 'waiting' || found.state === 'ready') progress.tell(found);
      const isRefused = found.state === 'failed' && found.trouble.code === 'QuotaExceeded';
      refusedSince = isRefused ? (refusedSince ?? deps.now()) : undefined;
      if (refusedSince !== undefined && deps.now() - refusedSince < refusalBelieved) return undefined;
      return found.state === 'waiting' ? undefined : found;
    },
  });
  await progress.settled();
  if (!verdict || verdict.state === 'waiting') return 'waiting';
  if (verdict.state === 'stuck') {
    await fence();
    await replacePod(plan, verdict.pod);
    return 'replaced';
  }
  if (verdict.state === 'failed') throw workloadFailure(verdict.trouble);
  if (verdict.state === 'reapply') return 'reapply';
  const missing = await missingInert(client, refs, target);
  return missing ? 'reapply' : 'healthy';
}

/** What comes after all is ready. The mark in the inventory is the last write, so that it is only made of a whole success. */
async function finish(
  deps: ClusterDeps,
  plan: Planned,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<HealthVerdict> {
  const { client, target, blueprint, pace, fence } = plan;
  const isAnswering = await awaitProbes(
    { ...deps, name: target.staging, pace, signal, fence },
    blueprint.health.probes,
  );
  if (!isAnswering) return 'waiting';
  const upgrade = isUpgrade(inventory, { generation: target.generation, blueprint: blueprint.name });
  const progress = tellProgress(deps, target);
  const total = expectedRefs(inventory).filter((ref) => !isInert(ref)).length;
  const workload = await prepareWorkload(await renderStaging(deps, plan, upgrade), target, blueprint, client.discovery);
  const hooks = await runHooks({
    ...pace,
    client,
    target,
    signal,
    phase: upgrade ? 'post-upgrade' : 'post-install',
    hooks: workload.hooks,
    inventory,
    fence,
    tell: (message) => progress.tell({ ready: total, total, message }),
  });
  if (hooks.isDone && workload.hooks.length > 0) progress.tell({ ready: total, total, message: 'all is ready' });
  await progress.settled();
  if (!hooks.isDone) return 'waiting';
  await fence();
  const { installed = target.generation } = inventory;
  await writeInventory(client, target, { ...hooks.inventory, installed });
  return 'healthy';
}
