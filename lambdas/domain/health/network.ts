import { listAt, textAt, timeOf } from './fields.ts';
import { type Rule, ready, waiting } from './object-health.ts';

/** Service: a load balancer has to have an address, everything else is ready by being there. */
export const serviceHealth: Rule = (object) => {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return ready();
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0 ? ready() : waiting('has no load balancer yet');
};

/** Not every ingress controller tells its address; those that do, do it sooner. Probes say whether the path works. */
const addressGrace = 30_000;

/** networking.k8s.io/Ingress: has an address, or a controller that keeps it to itself. */
export const ingressHealth: Rule = (object, view) => {
  if (listAt(object, 'status', 'loadBalancer', 'ingress').length > 0) return ready();
  const age = view.now - timeOf(object.metadata.creationTimestamp, view.now);
  return age >= addressGrace ? ready('without an address') : waiting('has no address yet');
};
