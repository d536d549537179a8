import { markers } from '../domain/markers.ts';
import { describeRef } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterBusy, isRefusal } from './errors.ts';
import { type Inventory, inventoryRef, packInventory, unpackInventory } from './inventory.ts';
import { ownLabels, type Target } from './prepare-objects.ts';
import { rejection } from './rejections.ts';

/** @throws KubernetesError, ClusterBusy, ClusterUnreachable */
export const readInventory = async (client: KubernetesClient, namespace: string): Promise<Inventory> =>
  unpackInventory(await client.get(inventoryRef(namespace)));

/**
 * Writes the inventory over the one that was read: where the same step runs twice at once, the slower one forgets nothing
 * that the faster one wrote down.
 * @returns the inventory with its new version
 * @throws ClusterBusy where it was changed meanwhile, so that the step begins anew; ApplyRejected, QuotaExceeded
 */
export async function writeInventory(
  client: KubernetesClient,
  target: Target,
  inventory: Inventory,
): Promise<Inventory> {
  const { apiVersion, kind, namespace, name } = inventoryRef(target.namespace);
  const object = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(inventory.version === undefined ? {} : { resourceVersion: inventory.version }),
      labels: ownLabels(target.staging),
      annotations: { [markers.generation]: String(target.generation) },
    },
    data: packInventory(inventory),
  };
  try {
    const { metadata } = await client.apply(object);
    return { ...inventory, version: metadata.resourceVersion };
  } catch (error) {
    throw isRefusal(error, 409) ? changed(target) : rejection(error, object);
  }
}

/** @throws ClusterBusy where it isn't the one that was read or written last */
export async function refuseChanged(client: KubernetesClient, target: Target, { version }: Inventory): Promise<void> {
  if ((await readInventory(client, target.namespace)).version !== version) throw changed(target);
}

const changed = ({ namespace }: Target): ClusterBusy =>
  new ClusterBusy(`${describeRef(inventoryRef(namespace))}: was changed by somebody else meanwhile`);
