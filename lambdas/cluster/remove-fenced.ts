import { setTimeout } from 'node:timers/promises';
import { Superseded } from '../domain/errors.ts';
import { generationOf } from '../domain/health/judge.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import { type ObjectRef, refOf } from '../domain/object-ref.ts';
import { awaitGone } from './await-gone.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterBusy, isRefusal } from './errors.ts';
import { namespaceRef, refuseNewer } from './namespace.ts';
import type { Target } from './prepare-objects.ts';
import { isWriteOnly } from './write-only.ts';

/** Who removes: an operation that may be outdated by the time its request arrives. */
export interface Remover {
  client: KubernetesClient;
  target: Target;
  /** between two tries; real time where absent */
  sleep?: (milliseconds: number) => Promise<void>;
}

/** Tries at an object that its controllers change meanwhile; with the pauses between, some three seconds. */
const tries = 10;
const firstPause = 25;
const longestPause = 500;

const always = (): boolean => true;

/**
 * Removes an object as it was read, never as a newer generation has made it since. The request names the version that was
 * read, and where that is not the last any more, all is looked at again.
 * @param mayGo asked of each version; where it says no, the object stays
 * @throws Superseded where a newer generation has written the object or its namespace, ClusterBusy where it never stands still
 */
export async function removeFenced(
  remover: Remover,
  object: KubernetesObject,
  mayGo: (found: KubernetesObject) => boolean = always,
): Promise<void> {
  const { client, target, sleep = setTimeout } = remover;
  const { uid } = object.metadata;
  let found: KubernetesObject | undefined = object;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const isThere = found !== undefined && found.metadata.uid === uid;
    if (!found || !isThere || found.metadata.deletionTimestamp !== undefined || !mayGo(found)) return;
    if (generationOf(found) > target.generation) throw new Superseded(target.generation, generationOf(found));
    if (await removed(client, found)) return;
    await sleep(Math.min(firstPause * 2 ** attempt, longestPause) * (0.5 + Math.random()));
    const [namespace, again]: (KubernetesObject | undefined)[] = await Promise.all([
      client.get(namespaceRef(target.namespace)),
      look(remover, refOf(found)),
    ]);
    refuseNewer(namespace, target.generation);
    found = again;
  }
  throw new ClusterBusy(`${describeObject(object)}: changes all the time, and can't be removed`);
}

/** False where it is another version by now. */
async function removed(client: KubernetesClient, found: KubernetesObject): Promise<boolean> {
  const { uid, resourceVersion } = found.metadata;
  try {
    await client.remove(refOf(found), { uid, resourceVersion });
    return true;
  } catch (error) {
    if (isRefusal(error, 409)) return false;
    throw error;
  }
}

/**
 * Removes an object that is known by its name.
 * @throws Superseded, ClusterBusy
 */
export async function removeByName(
  remover: Remover,
  ref: ObjectRef,
  mayGo: (found: KubernetesObject) => boolean = always,
): Promise<void> {
  const found = await look(remover, ref);
  if (found) await removeFenced(remover, found, mayGo);
}

/**
 * An object as it is now. One that may not be read is marked with our generation instead: the API server's own fence judges
 * that write, and its answer tells version and labels.
 */
const look = ({ client, target }: Remover, ref: ObjectRef): Promise<KubernetesObject | undefined> =>
  isWriteOnly(ref) ? client.annotate(ref, { [markers.generation]: String(target.generation) }) : client.get(ref);

/** Removes an object and waits until it is gone. False where the signal was aborted before. */
export async function removeAndAwait(
  remover: Remover,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<boolean> {
  await removeFenced(remover, object);
  return awaitGone(remover.client, object, signal);
}
