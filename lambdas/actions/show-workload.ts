import { ClusterUnreachable } from '../cluster/errors.ts';
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
 * @throws NotFound, ClusterBusy; ClusterUnreachable, also where the cluster has not answered when `late` is aborted
 */
export async function showWorkload(deps: ShowWorkloadDeps, name: string, late?: AbortSignal): Promise<WorkloadView> {
  const staging = await deps.stagings.get(name);
  if (!staging || staging.status === 'Deleted') throw new NotFound('staging', name);
  const namespace = namespaceOf(name);
  const listing = listWorkload(deps.connect(staging.cluster), namespace, deps.now());
  const { inventory, view } = late ? await unlessLate(listing, late) : await listing;
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

/** A cluster that takes connections and says nothing is asked again for minutes, which is right for steps, and for no caller. */
async function unlessLate<Result>(asking: Promise<Result>, late: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void =>
    reject(new ClusterUnreachable('the cluster does not answer in the time that a request has'));
  late.addEventListener('abort', giveUp);
  if (late.aborted) giveUp();
  try {
    return await Promise.race([asking, promise]);
  } finally {
    late.removeEventListener('abort', giveUp);
  }
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
