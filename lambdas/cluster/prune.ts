import pMap from 'p-map';
import { generationOf } from '../domain/health/judge.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { ObjectRef } from '../domain/object-ref.ts';
import { isOwn } from './prepare-objects.ts';
import { type Remover, removeByName } from './remove-fenced.ts';
import { isWriteOnly } from './write-only.ts';

const concurrency = 8;

/** Helm's way to say that an object outlives its release. What no namespace would take along at the end can't. */
const isKept = ({ metadata: { namespace, annotations } }: KubernetesObject): boolean =>
  namespace !== undefined && annotations?.['helm.sh/resource-policy'] === 'keep';

/**
 * Removes what is no longer wanted, where it still is this staging's own and no newer generation has taken it up.
 * @throws Superseded, ClusterBusy
 */
export async function prune(remover: Remover, refs: readonly ObjectRef[]): Promise<void> {
  const { staging, generation } = remover.target;
  await pMap(
    refs,
    (ref) =>
      removeByName(remover, ref, (found) => {
        // To be looked at, what may not be read was marked with our own generation.
        const isOlder = isWriteOnly(ref) || generationOf(found) < generation;
        return isOlder && isOwn(found, staging) && !isKept(found);
      }),
    { concurrency },
  );
}
