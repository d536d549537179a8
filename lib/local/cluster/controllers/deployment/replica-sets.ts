import type { KubernetesObject } from '../../../../../lambdas/domain/kubernetes-object.ts';
import { recordAt } from '../../json.ts';
import type { Control } from '../control.ts';
import { tryToCreate } from '../creating.ts';
import { controlledBy, ownedBy } from '../owners.ts';
import { templateHash } from '../random-name.ts';
import { milliseconds } from '../timestamps.ts';
import type { StringMap } from '../view.ts';
import { asReplicaSet, type Deployment, type ReplicaSet } from '../workload-views.ts';
import { surgeOf } from './strategy.ts';

const revisionKey = 'deployment.kubernetes.io/revision';
const desiredKey = 'deployment.kubernetes.io/desired-replicas';
const maxKey = 'deployment.kubernetes.io/max-replicas';
const hashLabel = 'pod-template-hash';

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const kept = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  'deployment.kubernetes.io/revision-history',
  desiredKey,
  maxKey,
  'deprecated.deployment.rollback.to',
]);

/** A Deployment's ReplicaSets: the one of its present template, if it exists, and the others from oldest to newest. */
export interface Sets {
  current: ReplicaSet | undefined;
  old: readonly ReplicaSet[];
}

export const allOf = ({ current, old }: Sets): ReplicaSet[] => (current === undefined ? [...old] : [...old, current]);

const revisionOf = ({ metadata }: { metadata: { annotations: StringMap } }): number =>
  Number(metadata.annotations[revisionKey] ?? 0);

export function readSets(control: Control, deployment: Deployment): Sets {
  const hash = templateHash(deployment.raw);
  const all = ownedBy(control, control.kinds.replicaSet, deployment.metadata).map(asReplicaSet);
  return {
    current: all.find((set) => set.metadata.labels[hashLabel] === hash),
    old: all
      .filter((set) => set.metadata.labels[hashLabel] !== hash)
      .toSorted(
        (left, right) =>
          milliseconds(left.metadata.creationTimestamp) - milliseconds(right.metadata.creationTimestamp) ||
          revisionOf(left) - revisionOf(right),
      ),
  };
}

/** The annotations that a ReplicaSet of the present template carries. */
function annotationsFor(deployment: Deployment, sets: Sets): StringMap {
  const copied = Object.entries(deployment.metadata.annotations).filter(([key]) => !kept.has(key));
  const revision = Math.max(revisionOf(sets.current ?? deployment), 0);
  const newest = Math.max(0, ...sets.old.map(revisionOf));
  const isNewest = sets.current !== undefined && revision > newest;
  return { ...Object.fromEntries(copied), [revisionKey]: String(isNewest ? revision : newest + 1) };
}

const sizeAnnotations = (deployment: Deployment): StringMap => ({
  [desiredKey]: String(deployment.spec.replicas),
  [maxKey]: String(deployment.spec.replicas + surgeOf(deployment)),
});

/**
 * Brings the present ReplicaSet's annotations up to date, and writes its revision on the Deployment.
 * @returns the Deployment and its sets as they are now
 */
export function syncRevision(control: Control, deployment: Deployment, sets: Sets): Sets {
  if (sets.current === undefined) return sets;
  const annotations = annotationsFor(deployment, sets);
  const current = annotate(control, sets.current, { ...annotations, ...sizeAnnotations(deployment) });
  if (deployment.metadata.annotations[revisionKey] !== annotations[revisionKey]) {
    const stored = control.storage.get(
      control.kinds.deployment,
      deployment.metadata.namespace,
      deployment.metadata.name,
    );
    if (stored !== undefined)
      control.storage.update(withAnnotations(stored, { [revisionKey]: annotations[revisionKey] ?? '' }));
  }
  return { ...sets, current };
}

function annotate(control: Control, set: ReplicaSet, annotations: StringMap): ReplicaSet {
  const differs = Object.entries(annotations).some(([key, value]) => set.metadata.annotations[key] !== value);
  return differs ? asReplicaSet(control.storage.update(withAnnotations(set.raw, annotations))) : set;
}

const withAnnotations = (object: KubernetesObject, annotations: StringMap): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});

/**
 * Creates the ReplicaSet of the present template.
 * @throws ApiError where the API server refuses it
 */
export function createSet(control: Control, deployment: Deployment, sets: Sets, replicas: number): ReplicaSet {
  const hash = templateHash(deployment.raw);
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata.labels, [hashLabel]: hash };
  const { matchLabels, matchExpressions } = selector;
  let created: KubernetesObject | undefined;
  const refusal = tryToCreate(
    control,
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace,
        labels,
        annotations: { ...annotationsFor(deployment, sets), ...sizeAnnotations(deployment) },
        ownerReferences: [controlledBy(control.kinds.deployment, deployment.metadata)],
      },
      spec: {
        replicas,
        ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
        selector: {
          matchLabels: { ...matchLabels, [hashLabel]: hash },
          ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    },
    {
      created: (object) => {
        created = object;
      },
    },
  );
  if (created === undefined) throw refusal ?? new Error('a ReplicaSet was neither created nor refused');
  return asReplicaSet(created);
}

/** Sets a ReplicaSet's size, and says so in an Event on the Deployment. */
export function scaleSet(control: Control, deployment: Deployment, set: ReplicaSet, replicas: number): ReplicaSet {
  if (set.spec.replicas === replicas) return set;
  const { name } = set.metadata;
  const annotated = withAnnotations(set.raw, sizeAnnotations(deployment));
  const spec = { ...recordAt(annotated, 'spec'), replicas };
  const scaled = asReplicaSet(control.storage.update({ ...annotated, spec }));
  const direction = replicas > set.spec.replicas ? 'up' : 'down';
  recordScaling(
    control,
    deployment,
    `Scaled ${direction} replica set ${name} from ${set.spec.replicas} to ${replicas}`,
  );
  return scaled;
}

export const recordScaling = ({ events }: Control, deployment: Deployment, message: string): void =>
  events.record({
    about: deployment.raw,
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message,
    component: 'deployment-controller',
  });
