import { recordAt } from '../json.ts';
import type { Control, Controller } from './control.ts';
import { itself } from './owners.ts';
import { asService, type Service } from './service-view.ts';
import { milliseconds } from './timestamps.ts';
import { writeStatus } from './write-status.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

/**
 * Gives LoadBalancer Services an address, and holds them at deletion until their balancer is gone. Those with a class are
 * left to the controller that has it.
 */
export function loadBalancerController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'loadbalancer',
    watches: { Service: itself },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.service, namespace, name);
      if (stored === undefined) return undefined;
      const service = asService(stored);
      const { type, loadBalancerClass } = service.spec;
      const isWanted = type === 'LoadBalancer' && !loadBalancerClass && !service.metadata.deletionTimestamp;
      return isWanted ? ensure(control, service) : release(control, service);
    },
  };
}

const say = ({ events }: Control, { raw }: Service, reason: string, message: string): void =>
  events.record({ about: raw, type: 'Normal', reason, message, component: 'service-controller' });

function ensure(control: Control, service: Service): number | undefined {
  const { metadata, raw } = service;
  if (!metadata.finalizers.includes(finalizer)) {
    say(control, service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
    control.storage.update({ ...raw, metadata: { ...raw.metadata, finalizers: [...metadata.finalizers, finalizer] } });
    return control.timings.loadBalancer;
  }
  if (recordAt(raw, 'status', 'loadBalancer')['ingress'] !== undefined) return undefined;
  const wait = milliseconds(metadata.creationTimestamp) + control.timings.loadBalancer - control.clock.now();
  if (wait > 0) return wait;
  const hostname = `${metadata.name}-${metadata.namespace}.elb.simulated.internal`;
  writeStatus(control, raw, { ...recordAt(raw, 'status'), loadBalancer: { ingress: [{ hostname }] } });
  say(control, service, 'EnsuredLoadBalancer', 'Ensured load balancer');
  return undefined;
}

/** Takes the balancer away, and lets the Service go after a moment. */
function release(control: Control, { metadata, raw }: Service): number | undefined {
  if (!metadata.finalizers.includes(finalizer)) return undefined;
  const gone = milliseconds(metadata.deletionTimestamp ?? '') + control.timings.loadBalancer;
  if (gone > control.clock.now()) return gone - control.clock.now();
  const finalizers = metadata.finalizers.filter((name) => name !== finalizer);
  const updated = control.storage.update({ ...raw, metadata: { ...raw.metadata, finalizers } });
  if (!metadata.deletionTimestamp) writeStatus(control, updated, { loadBalancer: {} });
  return undefined;
}
