import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { refOf } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';

/**
 * Waits until this very object is gone (one of the same name that came after it doesn't count).
 * @returns false where the signal was aborted before
 */
export async function awaitGone(
  client: KubernetesClient,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<boolean> {
  const ref = refOf(object);
  const selection = { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}` };
  const stop = new AbortController();
  const isOver = AbortSignal.any([signal, stop.signal]);
  try {
    for await (const event of client.watch(ref.apiVersion, ref.kind, selection, isOver)) {
      if (event.type === 'snapshot' && !event.objects.some((found) => isSame(found, object))) return true;
      if (event.type === 'removed' && isSame(event.object, object)) return true;
    }
    return false;
  } finally {
    stop.abort();
  }
}

const isSame = (found: KubernetesObject, object: KubernetesObject): boolean =>
  found.metadata.uid === object.metadata.uid && found.metadata.name === object.metadata.name;
