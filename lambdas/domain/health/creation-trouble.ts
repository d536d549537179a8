import { describeObject, type KubernetesObject } from '../kubernetes-object.ts';
import { isSince, warningsAbout } from './events.ts';
import type { Trouble } from './failures.ts';
import { conditionOf, numberAt } from './fields.ts';
import type { View } from './object-health.ts';
import { mayHaveRoom } from './quota-room.ts';
import { isObserved } from './replicated.ts';

const quota = /exceeded quota/i;
const admission =
  /violates PodSecurity|denied the request|denied request|ValidatingAdmissionPolicy|admission webhook|is invalid:|maximum (?:cpu|memory) usage per|minimum (?:cpu|memory) usage per/i;

/**
 * Other refusals pass: the default ServiceAccount of a new namespace, or a LimitRange that admission doesn't know yet.
 * Believed when they come this often.
 */
const refusalsBelieved = 5;

/** Why a controller can't make the pods that it should; undefined where it can, or may yet. */
export function creationTrouble(creator: KubernetesObject, view: View, since: number): Trouble | undefined {
  if (hasItsPods(creator)) return undefined;
  const object = describeObject(creator);
  const found = complaints(creator, view, since);
  // Each may name another pod, and is an event of its own then.
  const refusals = found.reduce((sum, { count }) => sum + count, 0);
  for (const { message } of found) {
    if (quota.test(message)) {
      if (mayHaveRoom(message, creator, view)) continue;
      return { code: 'QuotaExceeded', object, message };
    }
    if (admission.test(message)) return { code: 'ApplyRejected', object, message: `its pods are refused: ${message}` };
    if (refusals >= refusalsBelieved)
      return { code: 'RolloutStalled', object, message: `can't make its pods: ${message}` };
  }
  return undefined;
}

/** What was refused before is over once it was made. */
const hasItsPods = (creator: KubernetesObject): boolean =>
  numberAt(creator, Number.POSITIVE_INFINITY, 'spec', 'replicas') <= numberAt(creator, 0, 'status', 'replicas');

function complaints(creator: KubernetesObject, view: View, since: number): { message: string; count: number }[] {
  const failure = conditionOf(creator, 'ReplicaFailure');
  // One from before is taken back with the next try, which tells of itself in an event where it fails as well.
  const isNew = failure?.status === 'True' && isObserved(creator) && isSince(failure.lastTransitionTime, since);
  return [
    ...(isNew ? [{ message: failure.message ?? '', count: 1 }] : []),
    ...warningsAbout(view, creator, since).filter(({ reason }) => reason === 'FailedCreate'),
  ];
}
