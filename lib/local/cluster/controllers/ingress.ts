import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { recordAt, stringAt } from '../json.ts';
import type { Control, Controller } from './control.ts';
import { itself } from './owners.ts';
import { milliseconds } from './timestamps.ts';
import { writeStatus } from './write-status.ts';

/** Gives each Ingress its address after a moment, as an ingress controller does, unless it is another controller's. */
export function ingressController(control: Control): Controller {
  const { storage, kinds, clock, timings } = control;
  return {
    name: 'ingress',
    watches: { Ingress: itself },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.ingress, namespace, name);
      if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
      if (isOthers(control, stored) || recordAt(stored, 'status', 'loadBalancer')['ingress'] !== undefined)
        return undefined;
      const wait = milliseconds(stored.metadata.creationTimestamp ?? '') + timings.loadBalancer - clock.now();
      if (wait > 0) return wait;
      writeStatus(control, stored, { loadBalancer: { ingress: [{ hostname: 'ingress.simulated.internal' }] } });
      control.events.record({
        about: stored,
        type: 'Normal',
        reason: 'Sync',
        message: 'Scheduled for sync',
        component: 'nginx-ingress-controller',
      });
      return undefined;
    },
  };
}

/** A class that exists is somebody's, and none is ours; one that doesn't is taken as a name for us. */
function isOthers({ storage, kinds }: Control, ingress: KubernetesObject): boolean {
  const name = stringAt(ingress, 'spec', 'ingressClassName');
  return name !== undefined && storage.get(kinds.ingressClass, undefined, name) !== undefined;
}
