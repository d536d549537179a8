import pMap from 'p-map';
import { generationOf } from '../domain/health/judge.ts';
import { isInert } from '../domain/health/rules.ts';
import { groupKindOf, type ObjectRef, refKey, refOf } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';
import type { Target } from './prepare-objects.ts';
import { isWriteOnly } from './write-only.ts';

const concurrency = 8;

/**
 * Of the kinds that are well by being there: the first object that isn't, or that an older generation wrote. One list a
 * kind, of metadata only. Secrets can't be asked for, and count as there.
 */
export async function missingInert(
  client: KubernetesClient,
  refs: readonly ObjectRef[],
  { namespace, generation }: Target,
): Promise<ObjectRef | undefined> {
  const kinds = [
    ...Map.groupBy(
      refs.filter((ref) => isInert(ref) && !isWriteOnly(ref)),
      groupKindOf,
    ).values(),
  ];
  const missing = await pMap(
    kinds,
    async (group) => {
      const [{ apiVersion, kind, namespace: scope } = { apiVersion: '', kind: '' }] = group;
      const selection = { ...(scope === undefined ? {} : { namespace }), metadataOnly: true };
      const { objects } = await client.list(apiVersion, kind, selection);
      const current = new Set(
        objects.filter((object) => generationOf(object) >= generation).map((object) => refKey(refOf(object))),
      );
      return group.find((ref) => !current.has(refKey(ref)));
    },
    { concurrency },
  );
  return missing.find((ref) => ref !== undefined);
}
