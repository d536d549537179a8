import pMap from 'p-map';
import { textAt } from '../domain/health/fields.ts';
import { isCustom } from '../domain/health/rules.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { ObjectRef } from '../domain/object-ref.ts';
import { awaitGone } from './await-gone.ts';
import type { KubernetesClient } from './client.ts';
import type { Inventory } from './inventory.ts';
import { isOwn } from './prepare-objects.ts';
import { type Remover, removeByName, removeFenced } from './remove-fenced.ts';

const concurrency = 8;

/** An object's kind, to list. */
interface Kind {
  apiVersion: string;
  kind: string;
}

const services: Kind = { apiVersion: 'v1', kind: 'Service' };
const ingresses: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };

/** What runs pods. What they own goes with them. */
const workloads: readonly Kind[] = [
  { apiVersion: 'batch/v1', kind: 'CronJob' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'v1', kind: 'Pod' },
];
const claims: Kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };

const isOwned = ({ metadata }: KubernetesObject): boolean => (metadata.ownerReferences ?? []).length > 0;

async function listed(
  client: KubernetesClient,
  kinds: readonly Kind[],
  namespace: string,
): Promise<KubernetesObject[]> {
  const lists = await pMap(kinds, ({ apiVersion, kind }) => client.list(apiVersion, kind, { namespace }), {
    concurrency,
  });
  return lists.flatMap(({ objects }) => objects);
}

async function removeAll(remover: Remover, objects: readonly KubernetesObject[]): Promise<void> {
  await pMap(objects, (object) => removeFenced(remover, object), { concurrency });
}

/** Waits for all of them. @returns those that are still there when the signal is aborted */
async function awaitAllGone(
  client: KubernetesClient,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<KubernetesObject[]> {
  const left = await pMap(objects, async (object) => ((await awaitGone(client, object, signal)) ? [] : [object]), {
    // All at once: what goes away together is waited for together.
    concurrency: Math.max(objects.length, 1),
  });
  return left.flat();
}

/**
 * Removes what has a life outside the namespace, load balancers above all, while their controllers can still see it:
 * Ingresses, Services with a load balancer, custom resources of the workload. None that is cluster-scoped: a list of those
 * would hold everybody's.
 * @returns those that are still there when the signal is aborted
 */
export async function removeOutward(
  remover: Remover,
  { refs }: Inventory,
  signal: AbortSignal,
): Promise<KubernetesObject[]> {
  const { client, target } = remover;
  const inside = refs.filter(({ namespace }) => namespace !== undefined);
  const custom = [
    ...new Map(
      inside.filter(isCustom).map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]),
    ).values(),
  ];
  const found = await listed(client, [services, ingresses, ...custom], target.namespace);
  const outward = found.filter(
    (object) => object.kind !== 'Service' || textAt(object, 'spec', 'type') === 'LoadBalancer',
  );
  await removeAll(remover, outward);
  return awaitAllGone(client, outward, signal);
}

/** Removes what runs, then the volumes' claims, and waits for neither: the namespace's end does. */
export async function removeRunning(remover: Remover): Promise<void> {
  const { client, target } = remover;
  const { namespace } = target;
  const running = await listed(client, workloads, namespace);
  await removeAll(
    remover,
    running.filter((object) => !isOwned(object)),
  );
  await removeAll(remover, await listed(client, [claims], namespace));
}

/** Waits until no pod is left. @returns those that are, when the signal is aborted */
export async function awaitNoPods(
  client: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<KubernetesObject[]> {
  return awaitAllGone(client, await listed(client, [{ apiVersion: 'v1', kind: 'Pod' }], namespace), signal);
}

/** Removes the staging's cluster-scoped objects, as far as they still say that they are this staging's. */
export async function removeClusterScoped(remover: Remover, { refs, hookRefs }: Inventory): Promise<void> {
  const { staging } = remover.target;
  const scoped = [...refs, ...hookRefs].filter(({ namespace }: ObjectRef) => namespace === undefined);
  await pMap(scoped, (ref) => removeByName(remover, ref, (found) => isOwn(found, staging)), { concurrency });
}
