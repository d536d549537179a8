import type { ApiError } from '../api-error.ts';
import type { Control, Controller } from './control.ts';
import { isBeingDeleted, tryToCreate } from './creating.ts';
import { asNode, fitsNode, type Node } from './node-fit.ts';
import { itsController, itself, keyOf, ownedBy } from './owners.ts';
import { scaledValue } from './percent.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { asPod, hasEnded, isAvailable, isReady, type Pod, PodSpec } from './pod-view.ts';
import { generatedName, templateHash } from './random-name.ts';
import { untilAvailable } from './replica-set.ts';
import { asDaemonSet, type DaemonSet } from './workload-views.ts';
import { nonZero, writeStatus } from './write-status.ts';

const component = 'daemonset-controller';
const revisionLabel = 'controller-revision-hash';

/** Keeps one pod of a DaemonSet on every node that its template fits. */
export function daemonSetController(control: Control): Controller {
  const { storage, kinds, clock } = control;
  return {
    name: 'daemonset',
    watches: {
      DaemonSet: itself,
      Pod: itsController('DaemonSet'),
      Node: () => storage.list(kinds.daemonSet).map(keyOf),
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.daemonSet, namespace, name);
      if (stored === undefined) return undefined;
      const set = asDaemonSet(stored);
      const nodes = nodesOf(control, set);
      const failure = set.metadata.deletionTimestamp ? undefined : manage(control, set, nodes);
      const pods = podsOf(control, set);
      writeStatus(control, stored, statusOf(set, nodes, pods, clock.now()));
      if (failure !== undefined && !isBeingDeleted(failure)) throw failure;
      return untilAvailable(pods, set.spec.minReadySeconds, clock.now());
    },
  };
}

const podsOf = (control: Control, set: DaemonSet): Pod[] =>
  ownedBy(control, control.kinds.pod, set.metadata).map(asPod);

function nodesOf({ storage, kinds }: Control, set: DaemonSet): Node[] {
  const spec = PodSpec.parse(set.spec.template.spec);
  return storage
    .list(kinds.node)
    .map(asNode)
    .filter((node) => fitsNode(spec, node));
}

/** The node a DaemonSet's pod is for: its affinity says so until the scheduler has bound it. */
const nodeOf = ({ spec }: Pod): string | undefined =>
  spec.nodeName ??
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields[0]
    ?.values[0];

function manage(control: Control, set: DaemonSet, nodes: readonly Node[]): ApiError | undefined {
  const pods = podsOf(control, set);
  for (const pod of pods) {
    const isMisplaced = !nodes.some(({ metadata }) => metadata.name === nodeOf(pod));
    if ((isMisplaced || hasEnded(pod)) && !pod.metadata.deletionTimestamp) deletePod(control, set, pod);
  }
  replaceOld(control, set, pods, nodes.length);
  for (const { metadata } of nodes) {
    if (pods.some((pod) => nodeOf(pod) === metadata.name)) continue;
    const failure = createPod(control, set, metadata.name);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Deletes pods of older templates, as many as may be unavailable. */
function replaceOld(control: Control, set: DaemonSet, pods: readonly Pod[], wanted: number): void {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (type === 'OnDelete') return;
  const allowed = Math.max(scaledValue(rollingUpdate?.maxUnavailable ?? 1, wanted, 'up'), 1);
  const isUp = (pod: Pod): boolean =>
    !pod.metadata.deletionTimestamp && isAvailable(pod, set.spec.minReadySeconds, control.clock.now());
  const old = pods.filter((pod) => !isUpdated(set, pod) && !pod.metadata.deletionTimestamp);
  const down = old.filter((pod) => !isUp(pod));
  const room = Math.max(allowed - (wanted - pods.filter(isUp).length), 0);
  for (const pod of [...down, ...old.filter(isUp).slice(0, room)]) deletePod(control, set, pod);
}

const isUpdated = (set: DaemonSet, { metadata }: Pod): boolean =>
  metadata.labels[revisionLabel] === templateHash(set.raw);

function createPod(control: Control, set: DaemonSet, node: string): ApiError | undefined {
  const generateName = `${set.metadata.name}-`;
  const onNode = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const pod = podFromTemplate({
    template: set.spec.template,
    name: generatedName(generateName, control.random),
    generateName,
    owner: { resource: control.kinds.daemonSet, metadata: set.metadata },
    labels: { [revisionLabel]: templateHash(set.raw) },
    spec: {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [onNode] } } },
    },
  });
  return tryToCreate(control, pod, {
    created: ({ metadata }) => record(control, set, 'SuccessfulCreate', `Created pod: ${metadata.name}`),
    refused: (error) => record(control, set, 'FailedCreate', `Error creating: ${error.message}`),
  });
}

function deletePod(control: Control, set: DaemonSet, { metadata }: Pod): void {
  control.storage.remove(control.kinds.pod, metadata.namespace, metadata.name);
  record(control, set, 'SuccessfulDelete', `Deleted pod: ${metadata.name}`);
}

const record = ({ events }: Control, set: DaemonSet, reason: string, message: string): void =>
  events.record({ about: set.raw, type: reason === 'FailedCreate' ? 'Warning' : 'Normal', reason, message, component });

function statusOf(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], now: number) {
  const placed = pods.filter((pod) => nodes.some(({ metadata }) => metadata.name === nodeOf(pod)));
  const available = placed.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, now)).length;
  return {
    currentNumberScheduled: placed.length,
    numberMisscheduled: pods.length - placed.length,
    desiredNumberScheduled: nodes.length,
    numberReady: placed.filter(isReady).length,
    observedGeneration: set.metadata.generation,
    updatedNumberScheduled: nonZero(placed.filter((pod) => isUpdated(set, pod)).length),
    numberAvailable: nonZero(available),
    numberUnavailable: nonZero(nodes.length - available),
  };
}
