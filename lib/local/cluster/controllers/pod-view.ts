import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { isTrue } from './conditions.ts';
import { milliseconds } from './timestamps.ts';
import { Conditions, Metadata, orElse, StringMapSchema, type Viewed, viewOf } from './view.ts';

const optional = orElse(z.boolean(), false);
const KeyRef = z.object({ name: orElse(z.string(), ''), key: z.string(), optional });
const SourceRef = z.object({ name: orElse(z.string(), ''), optional });

const Variable = z.object({
  name: z.string(),
  value: orElse(z.string(), ''),
  valueFrom: z
    .object({
      configMapKeyRef: KeyRef.nullish(),
      secretKeyRef: KeyRef.nullish(),
      fieldRef: z.object({ fieldPath: z.string() }).nullish(),
      resourceFieldRef: z.object({ resource: z.string() }).nullish(),
    })
    .nullish(),
});
export type Variable = z.infer<typeof Variable>;

const VariableSource = z.object({
  prefix: orElse(z.string(), ''),
  configMapRef: SourceRef.nullish(),
  secretRef: SourceRef.nullish(),
});

const Port = z.object({ name: z.string().nullish(), containerPort: z.number() });

const Probe = z.object({
  httpGet: z.object({ port: z.union([z.number(), z.string()]), path: orElse(z.string(), '/') }).nullish(),
  tcpSocket: z.object({ port: z.union([z.number(), z.string()]) }).nullish(),
  exec: z.unknown().optional(),
});

const Container = z.object({
  name: z.string(),
  image: orElse(z.string(), ''),
  env: orElse(z.array(Variable), []),
  envFrom: orElse(z.array(VariableSource), []),
  ports: orElse(z.array(Port), []),
  resources: orElse(
    z.object({
      requests: z.record(z.string(), z.unknown()).nullish(),
      limits: z.record(z.string(), z.unknown()).nullish(),
    }),
    {},
  ),
  readinessProbe: Probe.nullish(),
  restartPolicy: z.string().nullish(),
});
export type Container = z.infer<typeof Container>;

const VolumeSource = {
  configMap: SourceRef.nullish(),
  secret: z.object({ secretName: orElse(z.string(), ''), optional }).nullish(),
};
const Volume = z.object({
  name: z.string(),
  ...VolumeSource,
  projected: z
    .object({ sources: orElse(z.array(z.object({ configMap: SourceRef.nullish(), secret: SourceRef.nullish() })), []) })
    .nullish(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
});
export type Volume = z.infer<typeof Volume>;

const NodeRule = z.object({ key: z.string(), operator: z.string(), values: orElse(z.array(z.string()), []) });
const NodeTerm = z.object({
  matchExpressions: orElse(z.array(NodeRule), []),
  matchFields: orElse(z.array(NodeRule), []),
});
const Affinity = z.object({
  nodeAffinity: z
    .object({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .object({ nodeSelectorTerms: orElse(z.array(NodeTerm), []) })
        .nullish(),
    })
    .nullish(),
});

export const PodSpec = z.object({
  containers: orElse(z.array(Container), []),
  initContainers: orElse(z.array(Container), []),
  volumes: orElse(z.array(Volume), []),
  nodeName: z.string().nullish(),
  nodeSelector: StringMapSchema,
  affinity: Affinity.nullish(),
  restartPolicy: orElse(z.string(), 'Always'),
  hostNetwork: optional,
});
export type PodSpec = z.infer<typeof PodSpec>;

const Terminated = z.looseObject({
  exitCode: z.number(),
  reason: orElse(z.string(), ''),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
});

const ContainerState = z.object({
  waiting: z.object({ reason: orElse(z.string(), ''), message: z.string().nullish() }).nullish(),
  running: z.object({ startedAt: z.string().nullish() }).nullish(),
  terminated: Terminated.nullish(),
});

const ContainerStatus = z.object({
  name: z.string(),
  ready: optional,
  restartCount: orElse(z.number(), 0),
  state: orElse(ContainerState, {}),
  lastState: orElse(ContainerState, {}),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

const PodStatus = z.object({
  phase: orElse(z.string(), 'Pending'),
  conditions: Conditions,
  podIP: z.string().nullish(),
  startTime: z.string().nullish(),
  containerStatuses: orElse(z.array(ContainerStatus), []),
  initContainerStatuses: orElse(z.array(ContainerStatus), []),
});

const Pod = z.object({
  metadata: Metadata,
  spec: PodSpec,
  status: z.preprocess((status) => status ?? {}, PodStatus),
});
export type Pod = Viewed<typeof Pod>;
export const asPod: (object: KubernetesObject) => Pod = viewOf(Pod);

/** Whether a pod's containers have ended for good. */
export const hasEnded = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed';

/** Whether a pod counts as one that its controller has: neither ended nor on its way out. */
export const isActive = (pod: Pod): boolean => !hasEnded(pod) && !pod.metadata.deletionTimestamp;

export const isReady = ({ status }: Pod): boolean => isTrue(status.conditions, 'Ready');

/** When a pod will have been ready for some seconds; undefined while it isn't ready. */
export function availableAt({ status }: Pod, minReadySeconds: number): number | undefined {
  const ready = status.conditions.find((condition) => condition.type === 'Ready');
  if (ready?.status !== 'True') return undefined;
  return minReadySeconds === 0 ? 0 : milliseconds(ready.lastTransitionTime ?? '') + minReadySeconds * 1000;
}

export const isAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean => {
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
};
