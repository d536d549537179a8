import * as z from 'zod';
import { containersOf, lastEnd } from '../domain/health/containers.ts';
import { currentPods } from '../domain/health/current-pods.ts';
import { HookFailed, type Trouble, WorkloadFailed, workloadFailure } from '../domain/health/failures.ts';
import { conditionOf, textAt } from '../domain/health/fields.ts';
import { generationOf, judge } from '../domain/health/judge.ts';
import type { View } from '../domain/health/object-health.ts';
import { describeObject, type Hook, type HookPhase, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import { refOf } from '../domain/object-ref.ts';
import type { ReasonCode } from '../domain/reason.ts';
import { applyOne } from './apply-objects.ts';
import type { KubernetesClient } from './client.ts';
import { hookKey, hooksOf } from './hook-order.ts';
import type { Inventory } from './inventory.ts';
import { refuseChanged, writeInventory } from './keep-inventory.ts';
import { observe } from './observe.ts';
import { lastLines } from './pod-logs.ts';
import { isOwn, type Target } from './prepare-objects.ts';
import { removeAndAwait, removeByName } from './remove-fenced.ts';
import { readable } from './write-only.ts';

/** Hooks of one phase, and how long they may take. Instants in milliseconds since 1970. */
export interface HookRun {
  client: KubernetesClient;
  target: Target;
  phase: HookPhase;
  hooks: readonly Hook[];
  inventory: Inventory;
  startedAt: number;
  timeout: number;
  unschedulableGrace: number;
  /** the step's budget */
  signal: AbortSignal;
  now: () => number;
  /** throws Superseded */
  fence: () => Promise<void>;
  /** told which hook is run: hooks may take minutes */
  tell?: (message: string) => void;
}

/** `isDone` is false where the budget was over before the hooks were; what has run is remembered in the inventory. */
export interface HooksOutcome {
  isDone: boolean;
  inventory: Inventory;
}

/**
 * Runs the hooks of a phase one after the other, as Helm orders them. One that has run in this generation isn't run
 * again, and one that still runs is waited for. What is to go once it succeeded goes when the last one has run, or one has
 * failed: a Job needs the accounts and the settings that come before it.
 * @throws HookFailed, or what is wrong with its pods; Superseded, ClusterBusy
 */
export async function runHooks(run: HookRun): Promise<HooksOutcome> {
  const hooks = hooksOf(run.hooks, run.phase);
  let { inventory } = run;
  const removeSucceeded = async (): Promise<void> => {
    const succeeded = hooks.filter((hook) => inventory.ranHooks.includes(hookKey(run.phase, hook)));
    for (const hook of succeeded.toReversed()) {
      if (hook.deletePolicies.includes('hook-succeeded')) await removeHook(run, hook);
    }
  };
  for (const hook of hooks) {
    const key = hookKey(run.phase, hook);
    if (inventory.ranHooks.includes(key)) continue;
    run.tell?.(`${run.phase} hook ${describeObject(hook.object)} runs`);
    await run.fence();
    // The same step may run twice at once: what the other one has run must not run again.
    await refuseChanged(run.client, run.target, inventory);
    try {
      if (!(await runHook(run, hook))) return { isDone: false, inventory };
    } catch (error) {
      if (error instanceof WorkloadFailed) await removeSucceeded();
      throw error;
    }
    const ranHooks = [...inventory.ranHooks, key];
    inventory = await writeInventory(run.client, run.target, { ...inventory, ranHooks });
  }
  await removeSucceeded();
  return { isDone: true, inventory };
}

/** As this phase has made it: the same object may be a hook of a later one. */
const removeHook = (run: HookRun, { object }: Hook): Promise<void> =>
  removeByName(run, refOf(object), (found) => isOwn(found, run.target.staging) && phaseOf(found) === run.phase);

/** False where the budget was over first. */
async function runHook(run: HookRun, hook: Hook): Promise<boolean> {
  const { client, target, phase, signal } = run;
  const object = staying(withPhase(hook.object, phase));
  const there = await readable(client, refOf(object));
  // What is another staging's is for the apply to refuse: no policy keeps cluster-scoped objects.
  const found = there && isOwn(there, target.staging) ? there : undefined;
  const isRunning = found !== undefined && generationOf(found) === target.generation && phaseOf(found) === phase;
  if (!isRunning) {
    const mustGo = hook.deletePolicies.includes('before-hook-creation') || canEnd(object);
    if (found && mustGo && !(await removeAndAwait(run, found, signal))) return false;
    await applyOne({ client, target, signal }, object);
  }
  return canEnd(object) ? awaitEnd(run, hook, object) : true;
}

/** Of what is applied once and done, there is nothing to wait for. */
const canEnd = ({ kind }: KubernetesObject): boolean => kind === 'Job' || kind === 'Pod';

const phaseOf = (object: KubernetesObject): string | undefined => object.metadata.annotations?.[markers.hook];

const withPhase = (object: KubernetesObject, phase: HookPhase): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [markers.hook]: phase } },
});

/** Seconds. One that removes itself is there until its end was seen, if need be by the invocation after this one. */
const leastTimeToLive = 600;

const SelfRemoving = z.looseObject({ ttlSecondsAfterFinished: z.number() });

function staying(object: KubernetesObject): KubernetesObject {
  const { data: spec } = SelfRemoving.safeParse(object['spec']);
  if (object.kind !== 'Job' || !spec) return object;
  const ttlSecondsAfterFinished = Math.max(spec.ttlSecondsAfterFinished, leastTimeToLive);
  return { ...object, spec: { ...spec, ttlSecondsAfterFinished } };
}

type HookEnd = { state: 'ended' } | { state: 'failed'; trouble: Trouble; view: View };

async function awaitEnd(run: HookRun, hook: Hook, object: KubernetesObject): Promise<boolean> {
  const { client, target, signal, now, fence, startedAt, timeout, unschedulableGrace } = run;
  const refs = [refOf(object)];
  const end = await observe<HookEnd>({
    client,
    namespace: target.namespace,
    refs,
    signal,
    now,
    tick: fence,
    decide(view, pulls) {
      const { generation } = target;
      const verdict = judge(view, { refs, generation, startedAt, timeout, unschedulableGrace, pulls });
      if (verdict.state === 'waiting') return undefined;
      if (verdict.state === 'failed') return { state: 'failed', trouble: verdict.trouble, view };
      if (verdict.state === 'reapply') return { state: 'failed', trouble: vanished(object), view };
      if (view.of(object.kind === 'Pod' ? 'Pod' : 'batch/Job').some(hasEnded(object))) return { state: 'ended' };
      return now() - startedAt >= timeout ? { state: 'failed', trouble: unending(object), view } : undefined;
    },
  });
  if (end?.state === 'failed') {
    const failure = await hookFailure(client, hook, end.trouble, end.view);
    if (hook.deletePolicies.includes('hook-failed')) await removeHook(run, hook);
    throw failure;
  }
  return end !== undefined;
}

/** A pod that is ready is well, as is a suspended Job, and yet a hook only when it has ended. */
const hasEnded =
  (object: KubernetesObject) =>
  (found: KubernetesObject): boolean =>
    found.metadata.name === object.metadata.name &&
    (found.kind === 'Pod'
      ? textAt(found, 'status', 'phase') === 'Succeeded'
      : conditionOf(found, 'Complete')?.status === 'True');

const unending = (object: KubernetesObject): Trouble => ({
  code: 'HookFailed',
  object: describeObject(object),
  message: 'has not ended in time, though nothing is wrong with it',
});

const vanished = (object: KubernetesObject): Trouble => ({
  code: 'HookFailed',
  object: describeObject(object),
  message: 'was removed before it had ended',
});

/** Codes that name a cause of their own; the others only say that the hook didn't do it. */
const ownCauses: ReadonlySet<ReasonCode> = new Set([
  'ImageNotFound',
  'ImagePullDenied',
  'ConfigMissing',
  'Unschedulable',
  'QuotaExceeded',
  'ApplyRejected',
]);

/** Lines of a hook's log that its error carries: its pods may be gone before anybody asks. */
const linesTold = 5;

async function hookFailure(client: KubernetesClient, hook: Hook, trouble: Trouble, view: View): Promise<Error> {
  if (ownCauses.has(trouble.code)) return workloadFailure(trouble);
  // The failure itself matters more than what was said before it.
  const lines = await logsOf(client, hook.object, view).catch(() => []);
  const told = lines.length > 0 ? `; its last words: ${lines.join(' ⏎ ')}` : '';
  return new HookFailed(`${trouble.object}: ${trouble.message}${told}`.slice(0, 1000));
}

async function logsOf(client: KubernetesClient, object: KubernetesObject, view: View): Promise<string[]> {
  const found = view
    .of(object.kind === 'Pod' ? 'Pod' : 'batch/Job')
    .find(({ metadata }) => metadata.name === object.metadata.name);
  if (!found) return [];
  // Each kind is watched by itself, and a Job may be seen to have failed before its pod is.
  const { objects } = await client.list('v1', 'Pod', { namespace: found.metadata.namespace });
  const now: View = { now: view.now, of: (kind) => (kind === 'Pod' ? objects : view.of(kind)) };
  const failing = currentPods(found, now)
    .flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })))
    .findLast(({ container }) => (lastEnd(container)?.exitCode ?? 0) !== 0);
  return failing ? lastLines(client, failing.pod, failing.container, linesTold) : [];
}
