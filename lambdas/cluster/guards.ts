import type { Blueprint } from '../domain/blueprint.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { guardName, markers } from '../domain/markers.ts';
import { ownLabels, type Target } from './prepare-objects.ts';

/** Requests of a container that says none; without them the quota would refuse it. Small, so that a quota holds many. */
const defaultRequest = { cpu: '50m', memory: '64Mi' };

export const guardMetadata = ({ staging, namespace, generation }: Target): KubernetesObject['metadata'] => ({
  name: guardName,
  namespace,
  labels: ownLabels(staging),
  annotations: { [markers.generation]: String(generation) },
});

/**
 * The bounds of a staging's namespace: quota, defaults for containers, and who may talk to it. The quota counts requests,
 * not limits: it is what a node sets aside, and a default limit would break each container that requests more than it.
 */
export function guardsOf(target: Target, limits: Blueprint['limits'], ingressNamespace: string): KubernetesObject[] {
  const metadata = guardMetadata(target);
  return [
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: {
        hard: {
          'requests.cpu': limits.cpu,
          'requests.memory': limits.memory,
          pods: String(limits.pods),
          'requests.storage': limits.storage,
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: { limits: [{ type: 'Container', defaultRequest }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [
              { podSelector: {} },
              { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ingressNamespace } } },
            ],
          },
        ],
      },
    },
  ];
}
