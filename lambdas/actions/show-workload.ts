import { listWorkload } from '../cluster/list-workload.ts';
import { isWriteOnly } from '../cluster/write-only.ts';
import { NotFound } from '../domain/errors.ts';
import { containersOf, stateText } from '../domain/health/containers.ts';
import { at, listAt, textAt } from '../domain/health/fields.ts';
import type { View } from '../domain/health/object-health.ts';
import { assess } from '../domain/health/rules.ts';
import { podHealth } from '../domain/health/running.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { linksOf } from '../domain/links.ts';
import { namespaceOf } from '../domain/names.ts';
import { describeRef, groupKindOf, type ObjectRef, refKey, refOf } from '../domain/object-ref.ts';
import type { WorkloadView } from '../domain/workload-view.ts';
import type { ClusterDeps } from './cluster-deps.ts';

export type ShowWorkloadDeps = Pick<ClusterDeps, 'stagings' | 'connect' | 'blueprints' | 'publicBaseUrl' | 'now'>;

/** An answer of an HTTP API has to stay under 6 MB, and a person reads no more. */
const mostObjects = 500;
const mostPods = 200;

/**
 * What of a staging runs in the cluster right now, by some lists.
 * @throws NotFound, ClusterUnreachable, ClusterBusy
 */
export async function showWorkload(deps: ShowWorkloadDeps, name: string): Promise<WorkloadView> {
  const staging = await deps.stagings.get(name);
  if (!staging || staging.status === 'Deleted') throw new NotFound('staging', name);
  const namespace = namespaceOf(name);
  const { inventory, view } = await listWorkload(deps.connect(staging.cluster), namespace, deps.now());
  const pods = view.of('Pod');
  return {
    staging: name,
    generation: staging.generation,
    appliedGeneration: inventory.generation,
    namespace,
    requested: staging.desired,
    objects: inventory.refs.slice(0, mostObjects).map((ref) => showObject(ref, view)),
    pods: pods.slice(0, mostPods).map((pod) => showPod(pod)),
    isCut: inventory.refs.length > mostObjects || pods.length > mostPods,
    links: linksOf(name, deps.blueprints.get(staging.desired.blueprint)?.blueprint, deps.publicBaseUrl),
    observedAt: new Date(deps.now()).toISOString(),
  };
}

function showObject(ref: ObjectRef, view: View): WorkloadView['objects'][number] {
  const key = refKey(ref);
  const found = view.of(groupKindOf(ref)).find((object) => refKey(refOf(object)) === key);
  const unseen = isWriteOnly(ref)
    ? { state: 'ready', message: 'written; not read back' }
    : { state: 'waiting', message: 'is missing' };
  const health = found ? assess(found, view) : unseen;
  return {
    object: describeRef(ref),
    kind: ref.kind,
    name: ref.name,
    isReady: health.state === 'ready',
    message: health.message,
    images: found ? imagesOf(found) : [],
  };
}

/** Images in a pod, or in the template of what makes pods. */
function imagesOf(object: KubernetesObject): string[] {
  const templates = [
    at(object, 'spec'),
    at(object, 'spec', 'template', 'spec'),
    at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'),
  ];
  const containers = templates.flatMap((spec) => [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')]);
  return [...new Set(containers.flatMap((container) => textAt(container, 'image') ?? []))];
}

const showPod = (pod: KubernetesObject): WorkloadView['pods'][number] => ({
  name: pod.metadata.name ?? '?',
  isReady: podHealth(pod, { of: () => [], now: 0 }).state === 'ready',
  phase: textAt(pod, 'status', 'phase') ?? 'Pending',
  containers: containersOf(pod).map((container) => ({
    name: container.name,
    image: container.image,
    state: stateText(container),
    restarts: container.restartCount,
  })),
});
