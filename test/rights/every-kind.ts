import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { aConfigMap, aDeployment, aJob, anIngress, aService, aStatefulSet, image } from '../support/deploys.ts';

const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'web', image: image('1.0') }] },
};
const selector = { matchLabels: { app: 'x' } };
const rbac = 'rbac.authorization.k8s.io';

const of = (apiVersion: string, kind: string, spec?: object, more: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase() },
  ...(spec === undefined ? {} : { spec }),
  ...more,
});

export const aSecret = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { password: 'hunter2' },
});

/** One object of each kind that a blueprint may hold without further rights. */
export const everyKind = (): KubernetesObject[] => [
  aConfigMap('configmap'),
  aSecret('secret'),
  of('v1', 'ServiceAccount'),
  of('v1', 'PersistentVolumeClaim', { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }),
  of('v1', 'LimitRange', { limits: [{ type: 'Container', defaultRequest: { cpu: '10m' } }] }),
  of('v1', 'ResourceQuota', { hard: { pods: '20' } }),
  of('v1', 'Pod', { containers: [{ name: 'web', image: image('1.0') }] }),
  of('v1', 'ReplicationController', { replicas: 1, selector: { app: 'x' }, template }),
  of('apps/v1', 'DaemonSet', { selector, template }),
  of('apps/v1', 'ReplicaSet', { replicas: 1, selector, template }),
  aDeployment('web'),
  aStatefulSet('database'),
  aService('web'),
  anIngress('web'),
  aJob('seed'),
  of('batch/v1', 'CronJob', {
    schedule: '0 0 1 1 *',
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', ...template.spec } } } },
  }),
  of('autoscaling/v2', 'HorizontalPodAutoscaler', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 2,
  }),
  of('policy/v1', 'PodDisruptionBudget', { maxUnavailable: 1, selector }),
  of('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {}, policyTypes: ['Egress'] }),
  of(`${rbac}/v1`, 'Role', undefined, { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  of(`${rbac}/v1`, 'RoleBinding', undefined, {
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'role' },
    subjects: [{ kind: 'ServiceAccount', name: 'serviceaccount' }],
  }),
];

/** The same, and none of them makes a pod that would be run. */
export const everyKindAsleep = (): KubernetesObject[] =>
  everyKind().map((object) => {
    const spec = Object(object['spec']);
    if ('replicas' in spec) return { ...object, spec: { ...spec, replicas: 0 } };
    if (object.kind === 'Job') return { ...object, spec: { ...spec, suspend: true } };
    if (object.kind === 'Pod')
      return { ...object, spec: { ...spec, schedulingGates: [{ name: 'example.com/never' }] } };
    if (object.kind !== 'DaemonSet') return object;
    const asleep = { ...template, spec: { ...template.spec, nodeSelector: { 'example.com/none': 'yes' } } };
    return { ...object, spec: { ...spec, template: asleep } };
  });
