import { recordAt } from '../json.ts';
import type { Control, Controller } from './control.ts';
import { itself } from './owners.ts';
import { milliseconds } from './timestamps.ts';
import { writeStatus } from './write-status.ts';

/** Gives each Ingress its address after a moment, as an ingress controller does. */
export function ingressController(control: Control): Controller {
  const { storage, kinds, clock, timings } = control;
  return {
    name: 'ingress',
    watches: { Ingress: itself },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.ingress, namespace, name);
      if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
      if (recordAt(stored, 'status', 'loadBalancer')['ingress'] !== undefined) return undefined;
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
