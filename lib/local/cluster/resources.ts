import type { ResourceType } from './storage.ts';

type Row = [kind: string, plural: string, shortNames: string, scope: 'namespaced' | 'cluster', subresources: string];

/** Every kind the simulated API server serves from its start. Custom resources come beside them once their definition is established. */
const table: Record<string, readonly Row[]> = {
  v1: [
    ['Namespace', 'namespaces', 'ns', 'cluster', 'status finalize'],
    ['Node', 'nodes', 'no', 'cluster', 'status'],
    ['PersistentVolume', 'persistentvolumes', 'pv', 'cluster', 'status'],
    ['Pod', 'pods', 'po', 'namespaced', 'status log'],
    ['Service', 'services', 'svc', 'namespaced', 'status'],
    ['Endpoints', 'endpoints', 'ep', 'namespaced', ''],
    ['ConfigMap', 'configmaps', 'cm', 'namespaced', ''],
    ['Secret', 'secrets', '', 'namespaced', ''],
    ['ServiceAccount', 'serviceaccounts', 'sa', 'namespaced', ''],
    ['PersistentVolumeClaim', 'persistentvolumeclaims', 'pvc', 'namespaced', 'status'],
    ['ResourceQuota', 'resourcequotas', 'quota', 'namespaced', 'status'],
    ['LimitRange', 'limitranges', 'limits', 'namespaced', ''],
    ['Event', 'events', 'ev', 'namespaced', ''],
    ['ReplicationController', 'replicationcontrollers', 'rc', 'namespaced', 'status scale'],
  ],
  'apps/v1': [
    ['Deployment', 'deployments', 'deploy', 'namespaced', 'status scale'],
    ['ReplicaSet', 'replicasets', 'rs', 'namespaced', 'status scale'],
    ['StatefulSet', 'statefulsets', 'sts', 'namespaced', 'status scale'],
    ['DaemonSet', 'daemonsets', 'ds', 'namespaced', 'status'],
    ['ControllerRevision', 'controllerrevisions', '', 'namespaced', ''],
  ],
  'batch/v1': [
    ['Job', 'jobs', '', 'namespaced', 'status'],
    ['CronJob', 'cronjobs', 'cj', 'namespaced', 'status'],
  ],
  'networking.k8s.io/v1': [
    ['Ingress', 'ingresses', 'ing', 'namespaced', 'status'],
    ['NetworkPolicy', 'networkpolicies', 'netpol', 'namespaced', ''],
    ['IngressClass', 'ingressclasses', '', 'cluster', ''],
  ],
  'autoscaling/v2': [['HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa', 'namespaced', 'status']],
  'policy/v1': [['PodDisruptionBudget', 'poddisruptionbudgets', 'pdb', 'namespaced', 'status']],
  'rbac.authorization.k8s.io/v1': [
    ['Role', 'roles', '', 'namespaced', ''],
    ['RoleBinding', 'rolebindings', '', 'namespaced', ''],
    ['ClusterRole', 'clusterroles', '', 'cluster', ''],
    ['ClusterRoleBinding', 'clusterrolebindings', '', 'cluster', ''],
  ],
  'discovery.k8s.io/v1': [['EndpointSlice', 'endpointslices', '', 'namespaced', '']],
  'storage.k8s.io/v1': [['StorageClass', 'storageclasses', 'sc', 'cluster', '']],
  'scheduling.k8s.io/v1': [['PriorityClass', 'priorityclasses', 'pc', 'cluster', '']],
  'coordination.k8s.io/v1': [['Lease', 'leases', '', 'namespaced', '']],
  'apiextensions.k8s.io/v1': [
    ['CustomResourceDefinition', 'customresourcedefinitions', 'crd crds', 'cluster', 'status'],
  ],
  'admissionregistration.k8s.io/v1': [
    ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies', '', 'cluster', 'status'],
    ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', '', 'cluster', ''],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', '', 'cluster', ''],
  ],
};

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

/** @returns [group, version] of an apiVersion such as `apps/v1` or `v1` */
export function splitApiVersion(apiVersion: string): [string, string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** `apps/v1`, or `v1` for the core group. */
export const apiVersionOf = (resource: Pick<ResourceType, 'group' | 'version'>): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

const builtIn: readonly ResourceType[] = Object.entries(table).flatMap(([apiVersion, rows]) => {
  const [group, version] = splitApiVersion(apiVersion);
  return rows.map(([kind, plural, shortNames, scope, subresources]) => ({
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: words(shortNames),
    namespaced: scope === 'namespaced',
    subresources: words(subresources),
  }));
});

/** What is served: the built-in kinds, and custom ones as they come and go. */
export class ServedResources {
  readonly #byKind = new Map<string, ResourceType>();
  readonly #byPlural = new Map<string, ResourceType>();

  constructor() {
    for (const resource of builtIn) this.add(resource);
  }

  add(resource: ResourceType): void {
    const apiVersion = apiVersionOf(resource);
    this.#byKind.set(`${apiVersion}/${resource.kind}`, resource);
    this.#byPlural.set(`${apiVersion}/${resource.plural}`, resource);
  }

  remove(resource: ResourceType): void {
    const apiVersion = apiVersionOf(resource);
    this.#byKind.delete(`${apiVersion}/${resource.kind}`);
    this.#byPlural.delete(`${apiVersion}/${resource.plural}`);
  }

  ofKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** The built-in type of a kind that must exist. @throws Error where it is not in the table */
  builtIn(apiVersion: string, kind: string): ResourceType {
    const resource = this.ofKind(apiVersion, kind);
    if (resource === undefined) throw new Error(`${apiVersion} ${kind} is not served`);
    return resource;
  }

  ofPlural(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#byPlural.get(`${apiVersionOf({ group, version })}/${plural}`);
  }

  all(): readonly ResourceType[] {
    return [...this.#byKind.values()];
  }
}
