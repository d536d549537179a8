import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { StatusCause } from '../api-error.ts';
import { isRecord, type JsonRecord, recordAt, valueAt, withoutKey } from '../json.ts';
import { forbiddenValue, invalidValue } from './problems.ts';

type Check = (object: KubernetesObject, old: KubernetesObject) => StatusCause[];

const fixed =
  (...path: string[]): Check =>
  (object, old) => {
    const value = valueAt(object, ...path);
    return isDeepStrictEqual(value, valueAt(old, ...path))
      ? []
      : [invalidValue(path.join('.'), value, 'field is immutable')];
  };

const without = (record: JsonRecord, keys: readonly string[]): JsonRecord =>
  keys.reduce((left, key) => withoutKey(left, key), record);

/** All of the spec but some fields stays as it was. */
const fixedBut =
  (keys: readonly string[], detail: string): Check =>
  (object, old) => {
    const [now, before] = [recordAt(object, 'spec'), recordAt(old, 'spec')].map((spec) => without(spec, keys));
    return isDeepStrictEqual(now, before) ? [] : [forbiddenValue('spec', detail)];
  };

const fixedAddress: Check = (object, old) => {
  const before = valueAt(old, 'spec', 'clusterIP');
  const now = valueAt(object, 'spec', 'clusterIP');
  const mayChange = before === undefined || valueAt(object, 'spec', 'type') === 'ExternalName';
  return mayChange || now === before ? [] : [invalidValue('spec.clusterIPs[0]', [now], 'may not change once set')];
};

/** A suspended Job that never ran may still get another template. */
const fixedTemplate: Check = (object, old) => {
  const isSuspended = valueAt(old, 'spec', 'suspend') === true && valueAt(old, 'status', 'startTime') === undefined;
  return isSuspended ? [] : fixed('spec', 'template')(object, old);
};

const frozenData: Check = (object, old) => {
  if (old['immutable'] !== true) return [];
  const [now, before] = [object, old].map(({ data, binaryData, immutable }) => ({ data, binaryData, immutable }));
  return isDeepStrictEqual(now, before) ? [] : [forbiddenValue('data', 'field is immutable when `immutable` is set')];
};

const claimRule =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** A claim may grow, and is bound once. */
const fixedClaim: Check = (object, old) => {
  const bare = (claim: KubernetesObject): JsonRecord => {
    const spec = without(recordAt(claim, 'spec'), ['resources', 'volumeAttributesClassName']);
    return valueAt(old, 'spec', 'volumeName') === undefined ? without(spec, ['volumeName']) : spec;
  };
  return isDeepStrictEqual(bare(object), bare(old)) ? [] : [forbiddenValue('spec', claimRule)];
};

const podRule =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const fixedPod: Check = (object, old) => {
  const bare = (pod: KubernetesObject): JsonRecord => {
    const open = ['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds'];
    const bound = valueAt(old, 'spec', 'nodeName') === undefined ? [...open, 'nodeName'] : open;
    const spec = without(recordAt(pod, 'spec'), bound);
    const imageless = (list: unknown): unknown =>
      Array.isArray(list)
        ? list.map((one: unknown) => (isRecord(one) ? without(one, ['image', 'imagePullPolicy']) : one))
        : list;
    return { ...spec, containers: imageless(spec['containers']), initContainers: imageless(spec['initContainers']) };
  };
  return isDeepStrictEqual(bare(object), bare(old)) ? [] : [forbiddenValue('spec', podRule)];
};

const statefulSetRule =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const statefulSetOpen = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

const checks: Record<string, readonly Check[]> = {
  Pod: [fixedPod],
  Deployment: [fixed('spec', 'selector')],
  ReplicaSet: [fixed('spec', 'selector')],
  DaemonSet: [fixed('spec', 'selector')],
  StatefulSet: [fixedBut(statefulSetOpen, statefulSetRule)],
  Job: [fixed('spec', 'selector'), fixed('spec', 'completions'), fixedTemplate],
  PersistentVolumeClaim: [fixedClaim],
  Service: [fixedAddress],
  ConfigMap: [frozenData],
  Secret: [fixed('type'), frozenData],
  RoleBinding: [fixed('roleRef')],
  ClusterRoleBinding: [fixed('roleRef')],
  StorageClass: [fixed('provisioner'), fixed('parameters'), fixed('reclaimPolicy')],
  CustomResourceDefinition: [fixed('spec', 'group'), fixed('spec', 'scope'), fixed('spec', 'names', 'kind')],
};

/** Changes of what can't be changed. */
export const immutableProblems: Check = (object, old) =>
  (checks[object.kind] ?? []).flatMap((check) => check(object, old));
