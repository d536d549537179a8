import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import { refOf } from '../domain/object-ref.ts';
import { isRefusal } from './errors.ts';
import { rejection } from './rejections.ts';
import type { Remover } from './remove-fenced.ts';

/**
 * Deletes a pod as it was read, so that its controller puts another in its place. It is marked with our generation first: that
 * write is judged by the API server's fence, and only what the namespace's newest generation has marked may go. Nothing is
 * done where it is another by now.
 * @throws ApplyRejected where the API server refuses
 */
export async function replacePod(
  { client, target }: Pick<Remover, 'client' | 'target'>,
  pod: KubernetesObject,
): Promise<void> {
  const { uid, resourceVersion } = pod.metadata;
  const ref = refOf(pod);
  try {
    const mark = { [markers.generation]: String(target.generation) };
    const marked = await client.annotate(ref, mark, resourceVersion);
    if (marked) await client.remove(ref, { uid, resourceVersion: marked.metadata.resourceVersion });
  } catch (error) {
    if (!isRefusal(error, 409)) throw rejection(error, pod);
  }
}
