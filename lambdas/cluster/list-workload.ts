import pMap from 'p-map';
import type { View } from '../domain/health/object-health.ts';
import { isInert } from '../domain/health/rules.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { groupKindOf } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';
import type { Inventory } from './inventory.ts';
import { readInventory } from './keep-inventory.ts';
import { isWriteOnly } from './write-only.ts';

const concurrency = 8;

const pods = { apiVersion: 'v1', kind: 'Pod' };

/**
 * What Berth applied for a staging, and how the cluster has it: one list a kind. Of kinds that are well by being there
 * the metadata alone, of Secrets nothing.
 */
export async function listWorkload(
  client: KubernetesClient,
  namespace: string,
  now: number,
): Promise<{ inventory: Inventory; view: View }> {
  const inventory = await readInventory(client, namespace);
  const kinds = [
    ...new Map(
      [pods, ...inventory.refs].filter((ref) => !isWriteOnly(ref)).map((ref) => [groupKindOf(ref), ref]),
    ).entries(),
  ];
  const lists = await pMap(
    kinds,
    async ([groupKind, ref]): Promise<[string, KubernetesObject[]]> => {
      const isScoped = 'namespace' in ref || ref === pods;
      const selection = {
        ...(isScoped ? { namespace } : {}),
        metadataOnly: isInert(ref) && !groupKind.startsWith('batch/'),
      };
      return [groupKind, (await client.list(ref.apiVersion, ref.kind, selection)).objects];
    },
    { concurrency },
  );
  const objects = new Map(lists);
  return { inventory, view: { of: (groupKind) => objects.get(groupKind) ?? [], now } };
}
