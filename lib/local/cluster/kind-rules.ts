import { isCustom } from '../../../lambdas/domain/health/rules.ts';
import { type JsonRecord } from './json.ts';
import type { ResourceType } from './storage.ts';

/** Built-in kinds whose metadata carries a generation. Custom resources all do. */
const counted = new Set([
  'Pod',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Ingress',
  'IngressClass',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'EndpointSlice',
  'CustomResourceDefinition',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'PriorityClass',
]);

/** Whether this is a kind of Kubernetes itself and not a custom one. */
export const isBuiltIn = ({ group, version }: ResourceType): boolean =>
  !isCustom({ apiVersion: `${group}/${version}` });

/** Whether a change of the spec counts `metadata.generation` up. */
export const hasGeneration = (resource: ResourceType): boolean => !isBuiltIn(resource) || counted.has(resource.kind);

const initialStatuses: Record<string, JsonRecord> = {
  Namespace: { phase: 'Active' },
  Pod: { phase: 'Pending' },
  PersistentVolume: { phase: 'Pending' },
  PersistentVolumeClaim: { phase: 'Pending' },
  Service: { loadBalancer: {} },
  Ingress: { loadBalancer: {} },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  Job: {},
  CronJob: {},
  ResourceQuota: {},
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  HorizontalPodAutoscaler: { currentMetrics: null, desiredReplicas: 0 },
};

/** The status an object is born with, before any controller has seen it. */
export const initialStatus = (resource: ResourceType): JsonRecord | undefined =>
  isBuiltIn(resource) ? initialStatuses[resource.kind] : undefined;
