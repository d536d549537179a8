import { markers } from '../domain/markers.ts';
import type { KubernetesClient } from './client.ts';
import { type Inventory, inventoryRef, packInventory, unpackInventory } from './inventory.ts';
import { ownLabels, type Target } from './prepare-objects.ts';

/** @throws KubernetesError, ClusterBusy, ClusterUnreachable */
export const readInventory = async (client: KubernetesClient, namespace: string): Promise<Inventory> =>
  unpackInventory(await client.get(inventoryRef(namespace)));

export async function writeInventory(client: KubernetesClient, target: Target, inventory: Inventory): Promise<void> {
  const { apiVersion, kind, namespace, name } = inventoryRef(target.namespace);
  await client.apply({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: ownLabels(target.staging),
      annotations: { [markers.generation]: String(target.generation) },
    },
    data: packInventory(inventory),
  });
}
