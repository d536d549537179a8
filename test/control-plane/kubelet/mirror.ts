import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { apiVersionOf } from '../../../lib/local/cluster/controllers/kinds.ts';
import type { ResourceType, StorageEvent } from '../../../lib/local/cluster/storage.ts';
import type { Api } from '../api.ts';

export const idOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** All objects of one kind, as far as the API server has told of them. */
export interface Mirror {
  objects: Map<string, KubernetesObject>;
  /** Resolves as soon as the first list is there. */
  filled: Promise<void>;
}

export interface MirrorOptions {
  api: Api;
  resource: ResourceType;
  /** which objects of the kind; all where absent */
  labelSelector?: string;
  signal: AbortSignal;
  /** what to keep of an object that the API server tells of, where that isn't the object itself */
  seen?: (object: KubernetesObject) => KubernetesObject;
  tell: (event: StorageEvent) => void;
  onError: (error: unknown) => void;
}

/** Follows a kind in all namespaces until the signal is aborted. */
export function mirror({
  api,
  resource,
  labelSelector,
  signal,
  seen = (object) => object,
  tell,
  onError,
}: MirrorOptions): Mirror {
  const objects = new Map<string, KubernetesObject>();
  const { promise: filled, resolve } = Promise.withResolvers<void>();
  const put = (told: KubernetesObject): void => {
    const object = seen(told);
    const type = objects.has(idOf(object)) ? 'MODIFIED' : 'ADDED';
    objects.set(idOf(object), object);
    tell({ type, resource, object });
  };
  const drop = (object: KubernetesObject): void => {
    objects.delete(idOf(object));
    tell({ type: 'DELETED', resource, object });
  };
  const follow = async (): Promise<void> => {
    for await (const event of api.client.watch(apiVersionOf(resource), resource.kind, { labelSelector }, signal)) {
      if (event.type === 'changed') put(event.object);
      else if (event.type === 'removed') drop(event.object);
      else {
        const present = new Set(event.objects.map(idOf));
        for (const object of objects.values()) if (!present.has(idOf(object))) drop(object);
        for (const object of event.objects) put(object);
        resolve();
      }
    }
  };
  follow().catch(onError);
  return { objects, filled };
}
