import type { KubernetesObject } from '../kubernetes-object.ts';
import { groupKindOf, groupOf } from '../object-ref.ts';
import { apiServiceHealth, autoscalerHealth, budgetHealth, conditionsHealth, definitionHealth } from './declared.ts';
import { ingressHealth, serviceHealth } from './network.ts';
import { type ObjectHealth, type Rule, ready, type View, waiting } from './object-health.ts';
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './replicated.ts';
import { jobHealth, podHealth } from './running.ts';
import { claimHealth } from './storage.ts';

const rules: ReadonlyMap<string, Rule> = new Map([
  ['apps/Deployment', deploymentHealth],
  ['apps/StatefulSet', statefulSetHealth],
  ['apps/DaemonSet', daemonSetHealth],
  ['apps/ReplicaSet', replicaSetHealth],
  ['ReplicationController', replicaSetHealth],
  ['Pod', podHealth],
  ['batch/Job', jobHealth],
  ['PersistentVolumeClaim', claimHealth],
  ['Service', serviceHealth],
  ['networking.k8s.io/Ingress', ingressHealth],
  ['autoscaling/HorizontalPodAutoscaler', autoscalerHealth],
  ['policy/PodDisruptionBudget', budgetHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', definitionHealth],
  ['apiregistration.k8s.io/APIService', apiServiceHealth],
]);

/** Kinds of Kubernetes itself that are well by being there: whether they are there is asked once, they are not watched. */
const inert: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'ResourceQuota',
  'LimitRange',
  'Endpoints',
  'batch/CronJob',
  'networking.k8s.io/NetworkPolicy',
  'networking.k8s.io/IngressClass',
  'discovery.k8s.io/EndpointSlice',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
]);

export const isInert = (kind: { apiVersion: string; kind: string }): boolean => inert.has(groupKindOf(kind));

/** Groups of the API server itself that have a dot. Others that end in `.k8s.io`, as the gateways', are somebody's definitions. */
const ownGroups: ReadonlySet<string> = new Set(
  [
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'internal.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
    'storagemigration',
  ].map((name) => `${name}.k8s.io`),
);

/** Whether it is of a kind that a definition brings. */
export const isCustom = ({ apiVersion }: { apiVersion: string }): boolean => {
  const group = groupOf(apiVersion);
  return group.includes('.') && !ownGroups.has(group);
};

/** How one object is, by the rule of its kind. */
export function assess(object: KubernetesObject, view: View): ObjectHealth {
  if (object.metadata.deletionTimestamp !== undefined) return waiting('is being deleted');
  if (isInert(object)) return ready();
  return (rules.get(groupKindOf(object)) ?? conditionsHealth)(object, view);
}
