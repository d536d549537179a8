import type { KubernetesObject } from '../kubernetes-object.ts';
import { groupKindOf, type ObjectRef } from '../object-ref.ts';
import { containersOf } from './containers.ts';
import { podHoldingUp } from './current-pods.ts';
import { conditionOf, timeOf } from './fields.ts';
import { type Expectation, findObject, generationOf, patienceWith } from './judge.ts';
import type { View } from './object-health.ts';
import { podTrouble } from './pod-trouble.ts';

/**
 * A pod of an earlier deploy that won't get ready, and without whose end a StatefulSet never comes to what this deploy wrote.
 * Of several the first. None once the time is over: what was replaced until then didn't help.
 */
export function stuckPod(view: View, expectation: Expectation): KubernetesObject | undefined {
  if (view.now - expectation.startedAt >= expectation.timeout) return undefined;
  for (const ref of expectation.refs.filter(isStatefulSet)) {
    const set = findObject(view, ref);
    if (!set || generationOf(set) !== expectation.generation) continue;
    const pod = podHoldingUp(set, view);
    if (!pod) continue;
    const isStuck =
      isHalted(pod) ||
      podTrouble(pod, view, patienceWith(set, expectation)) !== undefined ||
      unreadyFor(pod, view) >= expectation.timeout;
    if (isStuck) return pod;
  }
  return undefined;
}

const isStatefulSet = (ref: ObjectRef): boolean => groupKindOf(ref) === 'apps/StatefulSet';

/** Why a container waits that is on its way. */
const onItsWay: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/**
 * Whether nothing runs in it, and something could not be started: by itself it would be tried again, but minutes later. What
 * runs may be at work on its volume, and is given the time that it would have had.
 */
function isHalted(pod: KubernetesObject): boolean {
  const states = containersOf(pod).map(({ state }) => state);
  const reasons = states.flatMap((state) => state?.waiting?.reason ?? []);
  return reasons.some((reason) => !onItsWay.has(reason)) && !states.some((state) => state?.running);
}

function unreadyFor(pod: KubernetesObject, view: View): number {
  const { lastTransitionTime } = conditionOf(pod, 'Ready') ?? {};
  return view.now - timeOf(lastTransitionTime ?? pod.metadata.creationTimestamp, view.now);
}
