import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import {
  Conditions,
  count,
  everything,
  IntOrPercent,
  Metadata,
  orElse,
  PodTemplate,
  Selector,
  type Viewed,
  viewOf,
} from './view.ts';

/** A status, empty until its controller has written one. */
const statusOf = <Schema extends z.ZodType>(schema: Schema) => z.preprocess((status) => status ?? {}, schema);

const selector = orElse(Selector, everything);
const one = orElse(z.number(), 1);

const Deployment = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: one,
    selector,
    template: PodTemplate,
    paused: orElse(z.boolean(), false),
    minReadySeconds: count,
    revisionHistoryLimit: orElse(z.number(), 10),
    progressDeadlineSeconds: orElse(z.number(), 600),
    strategy: orElse(
      z.object({
        type: orElse(z.string(), 'RollingUpdate'),
        rollingUpdate: z.object({ maxSurge: IntOrPercent.nullish(), maxUnavailable: IntOrPercent.nullish() }).nullish(),
      }),
      { type: 'RollingUpdate' },
    ),
  }),
  status: statusOf(
    z.object({
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      conditions: Conditions,
    }),
  ),
});
export type Deployment = Viewed<typeof Deployment>;
export const asDeployment: (object: KubernetesObject) => Deployment = viewOf(Deployment);

const ReplicaSet = z.object({
  metadata: Metadata,
  spec: z.object({ replicas: one, selector, template: PodTemplate, minReadySeconds: count }),
  status: statusOf(
    z.object({
      replicas: count,
      readyReplicas: count,
      availableReplicas: count,
      observedGeneration: count,
      conditions: Conditions,
    }),
  ),
});
export type ReplicaSet = Viewed<typeof ReplicaSet>;
export const asReplicaSet: (object: KubernetesObject) => ReplicaSet = viewOf(ReplicaSet);

const ClaimTemplate = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
const StatefulSet = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: one,
    selector,
    template: PodTemplate,
    serviceName: orElse(z.string(), ''),
    podManagementPolicy: orElse(z.string(), 'OrderedReady'),
    minReadySeconds: count,
    volumeClaimTemplates: orElse(z.array(ClaimTemplate), []),
    updateStrategy: orElse(
      z.object({
        type: orElse(z.string(), 'RollingUpdate'),
        rollingUpdate: z.object({ partition: count }).nullish(),
      }),
      { type: 'RollingUpdate' },
    ),
    persistentVolumeClaimRetentionPolicy: z
      .object({ whenDeleted: orElse(z.string(), 'Retain'), whenScaled: orElse(z.string(), 'Retain') })
      .nullish(),
  }),
  status: statusOf(z.object({ currentRevision: orElse(z.string(), ''), updateRevision: orElse(z.string(), '') })),
});
export type StatefulSet = Viewed<typeof StatefulSet>;
export const asStatefulSet: (object: KubernetesObject) => StatefulSet = viewOf(StatefulSet);

const DaemonSet = z.object({
  metadata: Metadata,
  spec: z.object({
    selector,
    template: PodTemplate,
    minReadySeconds: count,
    updateStrategy: orElse(
      z.object({
        type: orElse(z.string(), 'RollingUpdate'),
        rollingUpdate: z.object({ maxUnavailable: IntOrPercent.nullish() }).nullish(),
      }),
      { type: 'RollingUpdate' },
    ),
  }),
});
export type DaemonSet = Viewed<typeof DaemonSet>;
export const asDaemonSet: (object: KubernetesObject) => DaemonSet = viewOf(DaemonSet);

const Job = z.object({
  metadata: Metadata,
  spec: z.object({
    parallelism: one,
    completions: z.number().nullish(),
    backoffLimit: orElse(z.number(), 6),
    activeDeadlineSeconds: z.number().nullish(),
    ttlSecondsAfterFinished: z.number().nullish(),
    suspend: orElse(z.boolean(), false),
    completionMode: orElse(z.string(), 'NonIndexed'),
    template: PodTemplate,
  }),
  status: statusOf(
    z.object({
      succeeded: count,
      failed: count,
      startTime: z.string().nullish(),
      completionTime: z.string().nullish(),
      conditions: Conditions,
    }),
  ),
});
export type Job = Viewed<typeof Job>;
export const asJob: (object: KubernetesObject) => Job = viewOf(Job);

const CronJob = z.object({
  metadata: Metadata,
  spec: z.object({
    schedule: z.string(),
    timeZone: z.string().nullish(),
    suspend: orElse(z.boolean(), false),
    concurrencyPolicy: orElse(z.string(), 'Allow'),
    startingDeadlineSeconds: z.number().nullish(),
    successfulJobsHistoryLimit: orElse(z.number(), 3),
    failedJobsHistoryLimit: orElse(z.number(), 1),
    jobTemplate: z.object({
      metadata: PodTemplate.shape.metadata,
      spec: z.record(z.string(), z.unknown()),
    }),
  }),
  status: statusOf(
    z.object({
      lastScheduleTime: z.string().nullish(),
      lastSuccessfulTime: z.string().nullish(),
      active: orElse(z.array(z.looseObject({ name: z.string(), uid: orElse(z.string(), '') })), []),
    }),
  ),
});
export type CronJob = Viewed<typeof CronJob>;
export const asCronJob: (object: KubernetesObject) => CronJob = viewOf(CronJob);
