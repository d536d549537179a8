import { recordAt } from '../json.ts';
import type { StorageEvent } from '../storage.ts';
import { conditionOf, withCondition } from './conditions.ts';
import type { Control, Controller, Key } from './control.ts';
import { asNode, fitsNode, type Node } from './node-fit.ts';
import { keyOf } from './owners.ts';
import { asPod, hasEnded, type Pod } from './pod-view.ts';
import { quantity } from './quantity.ts';
import { writeStatus } from './write-status.ts';

interface Room {
  cpu: number;
  memory: number;
  pods: number;
}

interface Placed extends Room {
  node: string;
}

/** What a pod asks for: its containers together, or its largest init container. */
function requestsOf({ spec }: Pod): Room {
  const asked = (resource: 'cpu' | 'memory'): number => {
    const of = (containers: Pod['spec']['containers']): number[] =>
      containers.map(({ resources }) => quantity(resources.requests?.[resource]));
    const together = of(spec.containers).reduce((sum, value) => sum + value, 0);
    // whole thousandths, so that sums stay exact
    return Math.round(Math.max(together, ...of(spec.initContainers)) * 1000) / 1000;
  };
  return { cpu: asked('cpu'), memory: asked('memory'), pods: 1 };
}

/** Puts pods on the simulated nodes: the emptiest that fits, or a condition that says why none does. */
export function scheduler(control: Control): Controller {
  const { storage, kinds } = control;
  const placed = new Map<string, Placed>();
  const used = new Map<string, Room>();
  const unplaced = new Map<string, Key>();

  function follow({ type, object }: StorageEvent): Key[] {
    const pod = asPod(object);
    const id = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const before = placed.get(id);
    if (before !== undefined) count(before, -1);
    placed.delete(id);
    unplaced.delete(id);
    if (type === 'DELETED' || hasEnded(pod)) return before === undefined ? [] : [...unplaced.values()];
    if (pod.spec.nodeName) {
      const now = { node: pod.spec.nodeName, ...requestsOf(pod) };
      placed.set(id, now);
      count(now, 1);
      return [];
    }
    unplaced.set(id, keyOf(object));
    return type === 'ADDED' ? [keyOf(object)] : [];
  }

  function count({ node, ...room }: Placed, sign: 1 | -1): void {
    const { cpu, memory, pods } = used.get(node) ?? { cpu: 0, memory: 0, pods: 0 };
    used.set(node, { cpu: cpu + sign * room.cpu, memory: memory + sign * room.memory, pods: pods + sign });
  }

  function freeOn({ metadata, status: { allocatable } }: Node): Room {
    const taken = used.get(metadata.name);
    const free = (resource: keyof Room): number => quantity(allocatable[resource]) - (taken?.[resource] ?? 0);
    return { cpu: free('cpu'), memory: free('memory'), pods: free('pods') };
  }

  const inNamespace = (namespace: string | undefined): Key[] =>
    [...unplaced.values()].filter((key) => key.namespace === namespace);

  return {
    name: 'scheduler',
    watches: {
      Pod: follow,
      Node: () => [...unplaced.values()],
      PersistentVolumeClaim: ({ object }) => inNamespace(object.metadata.namespace),
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.pod, namespace, name);
      if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
      const pod = asPod(stored);
      if (!pod.spec.nodeName && !hasEnded(pod)) place(control, pod, freeOn);
      return undefined;
    },
  };
}

function place(control: Control, pod: Pod, freeOn: (node: Node) => Room): void {
  const nodes = control.storage.list(control.kinds.node).map(asNode);
  const blocked = claimsNotReady(control, pod);
  if (blocked !== undefined) return refuse(control, pod, unschedulable(nodes.length, [blocked], false));
  const wants = requestsOf(pod);
  const reasons: string[][] = [];
  let best: { node: Node; free: Room } | undefined;
  for (const node of nodes) {
    const free = freeOn(node);
    const why = misfit(pod, node, wants, free);
    if (why.length > 0) reasons.push(why);
    else if (best === undefined || free.pods > best.free.pods) best = { node, free };
  }
  if (best === undefined) refuse(control, pod, unschedulable(nodes.length, reasons.flat(), isMatterOfRoom(reasons)));
  else bind(control, pod, best.node.metadata.name);
}

const isMatterOfRoom = (reasons: readonly string[][]): boolean =>
  reasons.flat().some((reason) => reason.startsWith('Insufficient') || reason === 'Too many pods');

/** Why a node can't take a pod, in the scheduler's words. */
function misfit({ spec }: Pod, node: Node, wants: Room, free: Room): string[] {
  if (node.spec.unschedulable) return ['node(s) were unschedulable'];
  if (!fitsNode(spec, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  return [
    ...(free.pods < 1 ? ['Too many pods'] : []),
    ...(wants.cpu > free.cpu ? ['Insufficient cpu'] : []),
    ...(wants.memory > free.memory ? ['Insufficient memory'] : []),
  ];
}

/** `0/2 nodes are available: 2 Insufficient cpu. preemption: …`, as the scheduler puts it. */
function unschedulable(nodes: number, reasons: readonly string[], isRoom: boolean): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const listed = [...counts].map(([reason, count]) => (isSentence(reason) ? reason : `${count} ${reason}`)).toSorted();
  const preemption = isRoom
    ? 'No preemption victims found for incoming pod'
    : 'Preemption is not helpful for scheduling';
  return (
    `0/${nodes} nodes are available: ${listed.join(', ')}. ` +
    `preemption: 0/${nodes} nodes are available: ${nodes} ${preemption}.`
  );
}

/** A reason found before any node was looked at has no count. */
const isSentence = (reason: string): boolean =>
  reason.startsWith('pod has') || reason.startsWith('persistentvolumeclaim');

function claimsNotReady({ storage, kinds }: Control, { metadata, spec }: Pod): string | undefined {
  for (const { persistentVolumeClaim } of spec.volumes) {
    if (!persistentVolumeClaim) continue;
    const { claimName } = persistentVolumeClaim;
    const claim = storage.get(kinds.claim, metadata.namespace, claimName);
    if (claim === undefined) return `persistentvolumeclaim "${claimName}" not found`;
    if (recordAt(claim, 'status')['phase'] !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

function refuse(control: Control, pod: Pod, message: string): void {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const;
  const before = conditionOf(pod.status.conditions, 'PodScheduled');
  if (before?.message !== message) {
    const conditions = withCondition(pod.status.conditions, condition, control.clock.now());
    writeStatus(control, pod.raw, { ...recordAt(pod.raw, 'status'), phase: 'Pending', conditions });
  }
  control.events.record({
    about: pod.raw,
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    component: 'default-scheduler',
  });
}

function bind(control: Control, { raw, metadata, status }: Pod, nodeName: string): void {
  const bound = control.storage.update({ ...raw, spec: { ...recordAt(raw, 'spec'), nodeName } });
  const conditions = withCondition(status.conditions, { type: 'PodScheduled', status: 'True' }, control.clock.now());
  writeStatus(control, bound, { ...recordAt(bound, 'status'), phase: 'Pending', conditions });
  control.events.record({
    about: raw,
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${metadata.namespace}/${metadata.name} to ${nodeName}`,
    component: 'default-scheduler',
  });
}
