import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Random } from '../identifiers.ts';
import { isRecord, type JsonRecord, recordAt, withoutKey } from '../json.ts';
import { isBuiltIn } from '../kind-rules.ts';
import type { ResourceType } from '../storage.ts';
import type { Admission, AdmissionRequest } from '../write-context.ts';
import { change, changeEach, fill } from './fill.ts';
import { podDefaults, templateDefaults } from './pod-defaults.ts';
import { claimDefaults, networkPolicyDefaults, serviceDefaults } from './service-defaults.ts';
import {
  autoscalerDefaults,
  cronJobDefaults,
  daemonSetDefaults,
  deploymentDefaults,
  jobDefaults,
  replicaSetDefaults,
  statefulSetDefaults,
} from './workload-defaults.ts';

type Request = AdmissionRequest & { object: KubernetesObject };
type SpecDefaults = (spec: JsonRecord, request: Request, random: Random) => JsonRecord;

const specDefaults: Record<string, SpecDefaults> = {
  Pod: podDefaults,
  ReplicationController: (spec) => fill(change(spec, 'template', templateDefaults), { replicas: 1 }),
  Deployment: deploymentDefaults,
  ReplicaSet: replicaSetDefaults,
  StatefulSet: statefulSetDefaults,
  DaemonSet: daemonSetDefaults,
  Job: (spec, { name, object }) => jobDefaults(spec, name, object.metadata.uid),
  CronJob: cronJobDefaults,
  HorizontalPodAutoscaler: autoscalerDefaults,
  PersistentVolumeClaim: claimDefaults,
  PersistentVolume: (spec) => fill(spec, { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' }),
  NetworkPolicy: networkPolicyDefaults,
  Service: (spec, { oldObject }, random) =>
    serviceDefaults(spec, oldObject === undefined ? undefined : recordAt(oldObject, 'spec'), random),
  CustomResourceDefinition: (spec) =>
    fill(
      change(spec, 'names', (names) =>
        fill(names, {
          singular: typeof names['kind'] === 'string' ? names['kind'].toLowerCase() : undefined,
          listKind: `${String(names['kind'])}List`,
        }),
      ),
      { conversion: { strategy: 'None' } },
    ),
  ValidatingAdmissionPolicy: (spec) => fill(spec, { failurePolicy: 'Fail' }),
};

/** Only the `finalize` subresource changes a namespace's spec. */
function namespaceDefaults({ object, oldObject, context, name }: Request): KubernetesObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': name };
  const named = { ...object, metadata: { ...object.metadata, labels } };
  if (context.subresource === 'finalize') return named;
  return { ...named, spec: oldObject === undefined ? { finalizers: ['kubernetes'] } : recordAt(oldObject, 'spec') };
}

/** `stringData` is a way to write, and never stored. */
function secretDefaults(object: KubernetesObject): KubernetesObject {
  const { stringData } = object;
  const typed = { ...object, type: object['type'] ?? 'Opaque' };
  if (!isRecord(stringData)) return typed;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
  return {
    ...withoutKey(typed, 'stringData'),
    data: { ...recordAt(object, 'data'), ...Object.fromEntries(encoded) },
  };
}

function storageClassDefaults(object: KubernetesObject): KubernetesObject {
  return {
    ...object,
    reclaimPolicy: object['reclaimPolicy'] ?? 'Delete',
    volumeBindingMode: object['volumeBindingMode'] ?? 'Immediate',
  };
}

const webhookDefaults = (configuration: JsonRecord): JsonRecord =>
  changeEach(configuration, 'webhooks', (webhook) =>
    fill(
      changeEach(webhook, 'rules', (rule) => fill(rule, { scope: '*' })),
      {
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        reinvocationPolicy: 'Never',
      },
    ),
  );

const isCore = ({ group }: ResourceType): boolean => group === '';

/** Fills in what the API server fills in, as far as something here or a caller reads it. */
export const objectDefaults = (random: Random): Admission => ({
  mutate(request) {
    const { resource, object, context } = request;
    if (context.subresource === 'status') return object;
    if (isCore(resource) && resource.kind === 'Namespace') return namespaceDefaults(request);
    if (isCore(resource) && resource.kind === 'Secret') return secretDefaults(object);
    if (resource.kind === 'StorageClass') return storageClassDefaults(object);
    if (resource.kind === 'MutatingWebhookConfiguration') return { ...object, ...webhookDefaults(object) };
    const { spec } = object;
    const defaults = isBuiltIn(resource) ? specDefaults[resource.kind] : undefined;
    return defaults === undefined || !isRecord(spec) ? object : { ...object, spec: defaults(spec, request, random) };
  },
});
