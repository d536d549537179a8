import type { Control } from '../control.ts';
import { ownedBy } from '../owners.ts';
import { asPod, hasEnded } from '../pod-view.ts';
import type { Deployment, ReplicaSet } from '../workload-views.ts';
import { allOf, createSet, recordScaling, type Sets, scaleSet } from './replica-sets.ts';
import { isRecreate, surgeOf, unavailableOf } from './strategy.ts';

const wanted = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + set.spec.replicas, 0);
const available = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + set.status.availableReplicas, 0);

/**
 * One step of a rollout, as the deployment controller takes it.
 * @throws ApiError where the new ReplicaSet is refused
 */
export function rollOut(control: Control, deployment: Deployment, sets: Sets): Sets {
  return isRecreate(deployment) ? recreate(control, deployment, sets) : roll(control, deployment, sets);
}

/** A paused Deployment keeps its sets; only the newest follows its size. */
export function rescale(control: Control, deployment: Deployment, sets: Sets): Sets {
  const newest = sets.current ?? sets.old.findLast((set) => set.spec.replicas > 0);
  if (newest === undefined || wanted(allOf(sets)) > newest.spec.replicas) return sets;
  const scaled = scaleSet(control, deployment, newest, deployment.spec.replicas);
  return newest === sets.current
    ? { ...sets, current: scaled }
    : { ...sets, old: sets.old.map((set) => (set === newest ? scaled : set)) };
}

function recreate(control: Control, deployment: Deployment, sets: Sets): Sets {
  if (wanted(sets.old) > 0) {
    return { ...sets, old: sets.old.map((set) => scaleSet(control, deployment, set, 0)) };
  }
  const isOldStillThere = sets.old.some((set) =>
    ownedBy(control, control.kinds.pod, set.metadata).some((pod) => !hasEnded(asPod(pod))),
  );
  return isOldStillThere ? sets : growNew(control, deployment, sets, deployment.spec.replicas);
}

function roll(control: Control, deployment: Deployment, sets: Sets): Sets {
  const grown = growNew(control, deployment, sets, roomForNew(deployment, sets));
  const hasGrown = grown.current?.spec.replicas !== sets.current?.spec.replicas;
  return hasGrown || grown.current === undefined ? grown : shrinkOld(control, deployment, grown, grown.current);
}

/** How many pods the new set may have now, given the surge that is allowed. */
function roomForNew(deployment: Deployment, sets: Sets): number {
  const { replicas } = deployment.spec;
  const has = sets.current?.spec.replicas ?? 0;
  if (has >= replicas) return replicas;
  const room = replicas + surgeOf(deployment) - wanted(allOf(sets));
  return room <= 0 ? has : has + Math.min(room, replicas - has);
}

function growNew(control: Control, deployment: Deployment, sets: Sets, replicas: number): Sets {
  if (sets.current !== undefined) {
    return { ...sets, current: scaleSet(control, deployment, sets.current, replicas) };
  }
  const current = createSet(control, deployment, sets, replicas);
  if (replicas > 0)
    recordScaling(control, deployment, `Scaled up replica set ${current.metadata.name} from 0 to ${replicas}`);
  return { ...sets, current };
}

/** First what isn't available in old sets, then what the new set has made up for. */
function shrinkOld(control: Control, deployment: Deployment, sets: Sets, current: ReplicaSet): Sets {
  const least = deployment.spec.replicas - unavailableOf(deployment);
  const missingInNew = current.spec.replicas - current.status.availableReplicas;
  const budget = wanted(allOf(sets)) - least - missingInNew;
  if (wanted(sets.old) === 0 || budget <= 0) return sets;
  const cleaned = shrink(
    control,
    deployment,
    sets.old,
    budget,
    (set) => set.spec.replicas - set.status.availableReplicas,
  );
  const spare = available([...cleaned, current]) - least;
  return { ...sets, old: shrink(control, deployment, cleaned, spare, (set) => set.spec.replicas) };
}

/** Takes up to `budget` pods from the sets in turn, from each at most what `most` allows. */
function shrink(
  control: Control,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  budget: number,
  most: (set: ReplicaSet) => number,
): ReplicaSet[] {
  let left = Math.max(budget, 0);
  return sets.map((set) => {
    const fewer = Math.min(left, Math.max(most(set), 0), set.spec.replicas);
    left -= fewer;
    return scaleSet(control, deployment, set, set.spec.replicas - fewer);
  });
}
