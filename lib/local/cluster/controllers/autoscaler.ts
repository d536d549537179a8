import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { recordAt } from '../json.ts';
import { withCondition } from './conditions.ts';
import type { Control, Controller } from './control.ts';
import { itself, keyOf } from './owners.ts';
import { timestamp } from './timestamps.ts';
import { type Condition, Conditions, Metadata, orElse, type Viewed, viewOf } from './view.ts';
import { writeStatus } from './write-status.ts';

const Autoscaler = z.object({
  metadata: Metadata,
  spec: z.object({
    scaleTargetRef: z.object({ apiVersion: orElse(z.string(), 'apps/v1'), kind: z.string(), name: z.string() }),
    minReplicas: orElse(z.number(), 1),
    maxReplicas: z.number(),
  }),
  status: z.preprocess(
    (status) => status ?? {},
    z.object({ conditions: Conditions, lastScaleTime: z.string().nullish() }),
  ),
});
type Autoscaler = Viewed<typeof Autoscaler>;
const asAutoscaler = viewOf(Autoscaler);

/** Keeps a workload's size between an autoscaler's bounds. Load isn't simulated: within the bounds nothing scales. */
export function autoscalerController(control: Control): Controller {
  const { storage, kinds } = control;
  const ofTarget = ({ object }: { object: KubernetesObject }) =>
    storage
      .list(kinds.autoscaler, object.metadata.namespace)
      .filter((stored) => {
        const { kind, name } = asAutoscaler(stored).spec.scaleTargetRef;
        return kind === object.kind && name === object.metadata.name;
      })
      .map(keyOf);
  return {
    name: 'autoscaler',
    watches: { HorizontalPodAutoscaler: itself, Deployment: ofTarget, StatefulSet: ofTarget },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.autoscaler, namespace, name);
      if (stored !== undefined && stored.metadata.deletionTimestamp === undefined) scale(control, asAutoscaler(stored));
      return undefined;
    },
  };
}

const Target = z.object({
  spec: z.object({ replicas: orElse(z.number(), 1) }),
  status: z.preprocess((status) => status ?? {}, z.object({ replicas: orElse(z.number(), 0) })),
});

type Finding = [type: string, status: 'True' | 'False', reason: string, message: string];

function conditionsOf({ status }: Autoscaler, now: number, findings: readonly Finding[]): Condition[] {
  return findings.reduce<Condition[]>(
    (conditions, [type, status, reason, message]) => withCondition(conditions, { type, status, reason, message }, now),
    status.conditions,
  );
}

function scale(control: Control, autoscaler: Autoscaler): void {
  const { storage, clock } = control;
  const { apiVersion, kind, name } = autoscaler.spec.scaleTargetRef;
  const resource = storage.resourceOf(apiVersion, kind);
  const stored = resource && storage.get(resource, autoscaler.metadata.namespace, name);
  if (resource === undefined || stored === undefined) {
    const plural = resource === undefined ? kind : `${resource.plural}.${resource.group}`;
    const why = `the HPA controller was unable to get the target's current scale: ${plural} "${name}" not found`;
    const conditions = conditionsOf(autoscaler, clock.now(), [['AbleToScale', 'False', 'FailedGetScale', why]]);
    writeStatus(control, autoscaler.raw, { ...recordAt(autoscaler.raw, 'status'), conditions });
    return;
  }
  const { spec, status } = Target.parse(stored);
  const desired = desiredSize(autoscaler, spec.replicas);
  if (desired !== spec.replicas) rescale(control, autoscaler, stored, spec.replicas, desired);
  writeStatus(control, autoscaler.raw, {
    observedGeneration: autoscaler.metadata.generation,
    currentReplicas: status.replicas,
    desiredReplicas: desired,
    lastScaleTime: desired === spec.replicas ? (autoscaler.status.lastScaleTime ?? undefined) : timestamp(clock.now()),
    currentMetrics: null,
    conditions: conditionsOf(autoscaler, clock.now(), findingsFor(desired, desired !== spec.replicas)),
  });
}

/** A target at zero is left alone: that is how scaling is turned off. */
const desiredSize = ({ spec }: Autoscaler, current: number): number =>
  current === 0 ? 0 : Math.min(Math.max(current, spec.minReplicas), spec.maxReplicas);

function rescale(control: Control, autoscaler: Autoscaler, stored: KubernetesObject, from: number, to: number): void {
  control.storage.update({ ...stored, spec: { ...recordAt(stored, 'spec'), replicas: to } });
  const why =
    to > from
      ? 'Current number of replicas below Spec.MinReplicas'
      : 'Current number of replicas above Spec.MaxReplicas';
  control.events.record({
    about: autoscaler.raw,
    type: 'Normal',
    reason: 'SuccessfulRescale',
    message: `New size: ${to}; reason: ${why}`,
    component: 'horizontal-pod-autoscaler',
  });
}

function findingsFor(desired: number, hasScaled: boolean): Finding[] {
  if (desired === 0) {
    return [
      ['AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale"],
      [
        'ScalingActive',
        'False',
        'ScalingDisabled',
        'scaling is disabled since the replica count of the target is zero',
      ],
    ];
  }
  return [
    hasScaled
      ? [
          'AbleToScale',
          'True',
          'SucceededRescale',
          `the HPA controller was able to update the target scale to ${desired}`,
        ]
      : ['AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'],
    [
      'ScalingActive',
      'True',
      'ValidMetricFound',
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    ],
    ['ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range'],
  ];
}
