import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { aDeployment, image } from './deploys.ts';

/** A Deployment whose pods have this spec. */
export const withPod = (name: string, spec: object): KubernetesObject =>
  aDeployment(name, undefined, { template: { metadata: { labels: { app: name } }, spec } });

/** A Deployment whose pods have one container: `web`, with whatever else is given. */
export const withContainer = (name: string, container: object, spec: object = {}): KubernetesObject =>
  withPod(name, { ...spec, containers: [{ name: 'web', image: image('1.0'), ...container }] });

export const aPod = (name: string, tagged = image('1.0'), spec: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'web', image: tagged }], ...spec },
});

export const aDaemonSet = (name: string, tagged = image('1.0')): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'agent', image: tagged }] } },
  },
});

export const aCronJob = (name: string): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: {
    schedule: '0 3 * * *',
    jobTemplate: {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'task', image: image('1.0') }] } } },
    },
  },
});

export const aClaim = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

/** A volume of a pod that is a claim's. */
export const claimed = (claimName: string): object => ({ name: 'data', persistentVolumeClaim: { claimName } });

export const aSecret = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { key: 'x' },
});

export const anAutoscaler = (name: string, target: string): KubernetesObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
  },
});

export const aBudget = (name: string, app: string): KubernetesObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
});

export const aClusterRole = (name: string): KubernetesObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
  rules: [],
});

/** The kind Widget in a group of its own: a size, and conditions that a controller of the test's tells. */
export const aWidgetDefinition = (group: string): KubernetesObject & { metadata: { name: string } } => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: widgetSchema }],
  },
});

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const widgetSchema = {
  openAPIV3Schema: {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } }, status: anything },
  },
};

export const aWidget = (group: string, name: string, spec: object = { size: 1 }): KubernetesObject => ({
  apiVersion: `${group}/v1`,
  kind: 'Widget',
  metadata: { name },
  spec,
});
