import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { ResourceType, StorageEvent } from '../storage.ts';
import type { Control, Key } from './control.ts';
import { apiVersionOf } from './kinds.ts';

type OwnerReference = NonNullable<KubernetesObject['metadata']['ownerReferences']>[number];

/** The owner reference by which a controller marks what it made. */
export const controlledBy = (resource: ResourceType, owner: { name: string; uid: string }): OwnerReference => ({
  apiVersion: apiVersionOf(resource),
  kind: resource.kind,
  name: owner.name,
  uid: owner.uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** The reference to the controller of an object, if it has one. */
export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference['controller'] === true);

/** The objects of a kind that one owner controls. */
export const ownedBy = (
  { storage }: Control,
  resource: ResourceType,
  owner: { namespace: string; uid: string },
): KubernetesObject[] =>
  storage.list(resource, owner.namespace).filter((object) => controllerOf(object)?.uid === owner.uid);

/** A watch that looks again at the changed object itself. */
export const itself = ({ object }: StorageEvent): Key[] => [keyOf(object)];

/** A watch that looks again at the changed object's controller, where that is of the given kind. */
export const itsController =
  (kind: string) =>
  ({ object }: StorageEvent): Key[] => {
    const owner = controllerOf(object);
    return owner?.kind === kind ? [{ namespace: object.metadata.namespace ?? '', name: owner.name }] : [];
  };

export const keyOf = ({ metadata }: KubernetesObject): Key => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name ?? '',
});
