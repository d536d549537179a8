import type { KeyField } from './schema.ts';

/**
 * How lists and structs of the built-in kinds merge, from the `x-kubernetes-list-type`, `-list-map-keys` and `-map-type`
 * marks of the Kubernetes API. A list that isn't named here is atomic, a struct or map that isn't is merged field by field.
 */
const lists: Record<string, string> = {
  'V1ObjectMeta.ownerReferences': 'uid',
  'V1ObjectMeta.finalizers': 'set',
  'V1PodSpec.containers': 'name',
  'V1PodSpec.initContainers': 'name',
  'V1PodSpec.ephemeralContainers': 'name',
  'V1PodSpec.volumes': 'name',
  'V1PodSpec.imagePullSecrets': 'name',
  'V1PodSpec.hostAliases': 'ip',
  'V1PodSpec.schedulingGates': 'name',
  'V1PodSpec.resourceClaims': 'name',
  'V1PodSpec.topologySpreadConstraints': 'topologyKey whenUnsatisfiable',
  'V1Container.ports': 'containerPort protocol=TCP',
  'V1Container.env': 'name',
  'V1Container.volumeMounts': 'mountPath',
  'V1Container.volumeDevices': 'devicePath',
  'V1EphemeralContainer.ports': 'containerPort protocol=TCP',
  'V1EphemeralContainer.env': 'name',
  'V1EphemeralContainer.volumeMounts': 'mountPath',
  'V1EphemeralContainer.volumeDevices': 'devicePath',
  'V1ResourceRequirements.claims': 'name',
  'V1PodStatus.conditions': 'type',
  'V1PodStatus.podIPs': 'ip',
  'V1ServiceSpec.ports': 'port protocol=TCP',
  'V1ServiceAccount.secrets': 'name',
  'V1NodeSpec.podCIDRs': 'set',
  'V1NodeStatus.addresses': 'type',
  'V1ValidatingAdmissionPolicySpec.matchConditions': 'name',
  'V1ValidatingAdmissionPolicySpec.variables': 'name',
  'V1MutatingWebhookConfiguration.webhooks': 'name',
  'V1CustomResourceDefinitionStatus.storedVersions': 'atomic',
};

const atomicStructs = new Set([
  'V1LabelSelector',
  'V1LocalObjectReference',
  'V1ObjectReference',
  'V1SecretKeySelector',
  'V1ConfigMapKeySelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1TypedLocalObjectReference',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1OwnerReference',
  'V1ScopeSelector',
  'V1SecretReference',
  'V1RoleRef',
]);

const atomicMaps = new Set([
  'V1PodSpec.nodeSelector',
  'V1ServiceSpec.selector',
  'V1ReplicationControllerSpec.selector',
  'V1CSIPersistentVolumeSource.volumeAttributes',
]);

/** Fields whose text is an amount such as `100m` or `1Gi`, where a bare number will do as well. */
const quantities = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V1ResourceQuotaSpec.hard',
  'V1ResourceQuotaStatus.hard',
  'V1ResourceQuotaStatus.used',
  'V1LimitRangeItem._default',
  'V1LimitRangeItem.default',
  'V1LimitRangeItem.defaultRequest',
  'V1LimitRangeItem.max',
  'V1LimitRangeItem.maxLimitRequestRatio',
  'V1LimitRangeItem.min',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1PersistentVolumeSpec.capacity',
  'V1PersistentVolumeClaimStatus.capacity',
  'V1PersistentVolumeClaimStatus.allocatedResources',
  'V1NodeStatus.capacity',
  'V1NodeStatus.allocatable',
  'V1PodSpec.overhead',
  'V1ResourceFieldSelector.divisor',
  'V2MetricTarget.averageValue',
  'V2MetricTarget.value',
  'V2MetricValueStatus.averageValue',
  'V2MetricValueStatus.value',
]);

function keyField(text: string): KeyField {
  const [name = '', value] = text.split('=');
  return value === undefined ? { name } : { name, default: value };
}

/** How a list of a built-in type merges. Conditions of every status are kept by type. */
export function listMerge(typeName: string, field: string): 'atomic' | 'set' | readonly KeyField[] {
  const rule =
    lists[`${typeName}.${field}`] ?? (typeName.endsWith('Status') && field === 'conditions' ? 'type' : 'atomic');
  return rule === 'atomic' || rule === 'set' ? rule : rule.split(' ').map(keyField);
}

export const isAtomicStruct = (typeName: string): boolean => atomicStructs.has(typeName);
export const isAtomicMap = (typeName: string, field: string): boolean => atomicMaps.has(`${typeName}.${field}`);
export const isQuantity = (typeName: string, field: string): boolean => quantities.has(`${typeName}.${field}`);
