import * as z from 'zod';
import { withCondition } from './conditions.ts';
import type { Control, Controller } from './control.ts';
import { controllerOf, itself, keyOf } from './owners.ts';
import { scaledValue } from './percent.ts';
import { asPod, isActive, isReady, type Pod } from './pod-view.ts';
import { selects } from './selector.ts';
import { Conditions, everything, IntOrPercent, Metadata, orElse, Selector, type Viewed, viewOf } from './view.ts';
import { writeStatus } from './write-status.ts';

const Budget = z.object({
  metadata: Metadata,
  spec: z.object({
    selector: orElse(Selector, everything),
    minAvailable: IntOrPercent.nullish(),
    maxUnavailable: IntOrPercent.nullish(),
  }),
  status: z.preprocess((status) => status ?? {}, z.object({ conditions: Conditions })),
});
type Budget = Viewed<typeof Budget>;
const asBudget = viewOf(Budget);

/** Counts how many pods of a PodDisruptionBudget may be taken away. */
export function disruptionBudgetController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'disruptionbudget',
    watches: {
      PodDisruptionBudget: itself,
      Pod: ({ object }) => storage.list(kinds.disruptionBudget, object.metadata.namespace).map(keyOf),
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.disruptionBudget, namespace, name);
      if (stored === undefined) return undefined;
      const budget = asBudget(stored);
      const pods = storage
        .list(kinds.pod, namespace)
        .map(asPod)
        .filter((pod) => isActive(pod) && selects(budget.spec.selector, pod.metadata.labels));
      writeStatus(control, stored, statusOf(control, budget, pods));
      return undefined;
    },
  };
}

/** Pods that the controllers of the selected pods want in all. */
function expectedOf({ storage }: Control, pods: readonly Pod[]): number {
  const owners = new Map<string, number>();
  for (const pod of pods) {
    const reference = controllerOf(pod.raw);
    const resource = reference && storage.resourceOf(reference.apiVersion, reference.kind);
    const owner = resource && storage.get(resource, pod.metadata.namespace, reference.name);
    const spec = z.object({ spec: z.object({ replicas: z.number() }) }).safeParse(owner);
    owners.set(reference?.uid ?? pod.metadata.uid, spec.success ? spec.data.spec.replicas : 1);
  }
  return [...owners.values()].reduce((sum, replicas) => sum + replicas, 0);
}

function statusOf(control: Control, budget: Budget, pods: readonly Pod[]) {
  const { minAvailable, maxUnavailable } = budget.spec;
  const expectedPods = typeof minAvailable === 'number' ? pods.length : expectedOf(control, pods);
  const desiredHealthy =
    maxUnavailable == null
      ? scaledValue(minAvailable ?? 1, expectedPods, 'up')
      : Math.max(expectedPods - scaledValue(maxUnavailable, expectedPods, 'up'), 0);
  const currentHealthy = pods.filter(isReady).length;
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(currentHealthy - desiredHealthy, 0);
  const condition =
    disruptionsAllowed > 0
      ? ({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' } as const)
      : ({ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' } as const);
  return {
    observedGeneration: budget.metadata.generation,
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed,
    expectedPods,
    conditions: withCondition(budget.status.conditions, condition, control.clock.now()).map((set) => ({
      ...set,
      observedGeneration: budget.metadata.generation,
    })),
  };
}
