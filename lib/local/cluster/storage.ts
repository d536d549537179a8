import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';

/** A kind the simulated API server serves. */
export interface ResourceType {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  /** subresources served besides the object itself, such as `status` and `scale` */
  subresources: readonly string[];
}

export interface StorageEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: ResourceType;
  object: KubernetesObject;
}

/**
 * What the controllers see of the simulated cluster: the state behind the API, one resource version counter, every change
 * told to subscribers in order. Objects are immutable once stored: change a copy and write that.
 */
export interface Storage {
  /** the type behind an apiVersion and kind; undefined where it isn't served */
  resourceOf(apiVersion: string, kind: string): ResourceType | undefined;
  get(resource: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined;
  list(resource: ResourceType, namespace?: string): readonly KubernetesObject[];
  /** Creates as a controller would: quota is asked, uid, times and resource version are set. @throws ApiError */
  create(object: KubernetesObject): KubernetesObject;
  /** Replaces spec and metadata; status stays. @throws ApiError 404, 409 where resourceVersion is given and old */
  update(object: KubernetesObject): KubernetesObject;
  /** Replaces status only. @throws ApiError 404 */
  updateStatus(object: KubernetesObject): KubernetesObject;
  /**
   * Marks for deletion, and removes once no finalizer is left. Absent objects are fine. A pod that is bound to a node and has
   * not ended is only marked (deletionTimestamp, deletionGracePeriodSeconds): its kubelet removes it, with a grace of 0.
   */
  remove(
    resource: ResourceType,
    namespace: string | undefined,
    name: string,
    options?: { gracePeriodSeconds?: number },
  ): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: StorageEvent) => void): () => void;
}
