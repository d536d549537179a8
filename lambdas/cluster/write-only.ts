import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { groupKindOf, type ObjectRef } from '../domain/object-ref.ts';
import type { KubernetesClient } from './client.ts';

/**
 * Berth may write Secrets and remove them, in its own namespaces, but not read them: no right to look into a namespace's
 * Secrets is needed.
 */
export const isWriteOnly = (kind: { apiVersion: string; kind: string }): boolean => groupKindOf(kind) === 'Secret';

/** The object where it is there and may be read. */
export const readable = async (client: KubernetesClient, ref: ObjectRef): Promise<KubernetesObject | undefined> =>
  isWriteOnly(ref) ? undefined : client.get(ref);
