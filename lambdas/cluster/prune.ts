import pMap from 'p-map';
import { generationOf } from '../domain/health/judge.ts';
import { markers } from '../domain/markers.ts';
import type { ObjectRef } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';
import { isWriteOnly } from './write-only.ts';

const concurrency = 8;

/** Helm's way to say that an object outlives its release. */
const isKept = (annotations: Record<string, string> | null | undefined): boolean =>
  annotations?.['helm.sh/resource-policy'] === 'keep';

/** Removes what is no longer wanted, where it still is this staging's own and no newer generation has taken it up. */
export async function prune(
  client: KubernetesClient,
  refs: readonly ObjectRef[],
  deploy: { staging: string; generation: number },
): Promise<void> {
  await pMap(refs, (ref) => pruneOne(client, ref, deploy), { concurrency });
}

async function pruneOne(
  client: KubernetesClient,
  ref: ObjectRef,
  { staging, generation }: { staging: string; generation: number },
): Promise<void> {
  if (isWriteOnly(ref)) {
    // Known by name alone: the inventory says that it is ours, and it can't be asked.
    await client.remove(ref);
    return;
  }
  const found = await client.get(ref);
  if (!found || found.metadata.deletionTimestamp !== undefined) return;
  const { labels, annotations, uid } = found.metadata;
  if (labels?.[markers.managedBy] !== markers.managedByValue || labels[markers.staging] !== staging) return;
  if (isKept(annotations) || generationOf(found) >= generation) return;
  await client.remove(ref, { uid });
}
