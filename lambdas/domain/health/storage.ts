import type { KubernetesObject } from '../kubernetes-object.ts';
import { at, listAt, textAt } from './fields.ts';
import { failed, type Rule, ready, waiting } from './object-health.ts';

const uses = (pod: KubernetesObject, claim: string): boolean =>
  listAt(pod, 'spec', 'volumes').some((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') === claim);

/**
 * PersistentVolumeClaim: bound. With `WaitForFirstConsumer` it stays pending until a pod uses it, so without such a pod
 * nothing is amiss.
 */
export const claimHealth: Rule = (object, view) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return ready('bound');
  if (phase === 'Lost') return failed('RolloutStalled', 'its volume is lost');
  const { name = '' } = object.metadata;
  const isUsed = view
    .of('Pod')
    .some((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined && uses(pod, name));
  return isUsed ? waiting('is not bound to a volume yet') : ready('unbound until a pod uses it');
};
