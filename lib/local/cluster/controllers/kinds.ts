import type { ResourceType, Storage } from '../storage.ts';

const served = {
  pod: ['v1', 'Pod'],
  node: ['v1', 'Node'],
  event: ['v1', 'Event'],
  namespace: ['v1', 'Namespace'],
  service: ['v1', 'Service'],
  endpoints: ['v1', 'Endpoints'],
  endpointSlice: ['discovery.k8s.io/v1', 'EndpointSlice'],
  configMap: ['v1', 'ConfigMap'],
  secret: ['v1', 'Secret'],
  claim: ['v1', 'PersistentVolumeClaim'],
  volume: ['v1', 'PersistentVolume'],
  storageClass: ['storage.k8s.io/v1', 'StorageClass'],
  deployment: ['apps/v1', 'Deployment'],
  replicaSet: ['apps/v1', 'ReplicaSet'],
  statefulSet: ['apps/v1', 'StatefulSet'],
  daemonSet: ['apps/v1', 'DaemonSet'],
  controllerRevision: ['apps/v1', 'ControllerRevision'],
  job: ['batch/v1', 'Job'],
  cronJob: ['batch/v1', 'CronJob'],
  ingress: ['networking.k8s.io/v1', 'Ingress'],
  ingressClass: ['networking.k8s.io/v1', 'IngressClass'],
  autoscaler: ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  disruptionBudget: ['policy/v1', 'PodDisruptionBudget'],
} as const;

export type Kinds = Record<keyof typeof served, ResourceType>;

function kindOf(storage: Storage, name: keyof typeof served): ResourceType {
  const [apiVersion, kind] = served[name];
  const resource = storage.resourceOf(apiVersion, kind);
  if (resource === undefined) throw new Error(`the simulated cluster does not serve ${apiVersion} ${kind}`);
  return resource;
}

/**
 * The kinds that controllers work with.
 * @throws Error that names the first one which isn't served
 */
export function readKinds(storage: Storage): Kinds {
  const kind = (name: keyof typeof served): ResourceType => kindOf(storage, name);
  return {
    pod: kind('pod'),
    node: kind('node'),
    event: kind('event'),
    namespace: kind('namespace'),
    service: kind('service'),
    endpoints: kind('endpoints'),
    endpointSlice: kind('endpointSlice'),
    configMap: kind('configMap'),
    secret: kind('secret'),
    claim: kind('claim'),
    volume: kind('volume'),
    storageClass: kind('storageClass'),
    deployment: kind('deployment'),
    replicaSet: kind('replicaSet'),
    statefulSet: kind('statefulSet'),
    daemonSet: kind('daemonSet'),
    controllerRevision: kind('controllerRevision'),
    job: kind('job'),
    cronJob: kind('cronJob'),
    ingress: kind('ingress'),
    ingressClass: kind('ingressClass'),
    autoscaler: kind('autoscaler'),
    disruptionBudget: kind('disruptionBudget'),
  };
}

/** `apps/v1` of a resource type. */
export const apiVersionOf = ({ group, version }: ResourceType): string =>
  group === '' ? version : `${group}/${version}`;
