import type { View } from '../../lambdas/domain/health/object-health.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { groupKindOf } from '../../lambdas/domain/object-ref.ts';

/** Noon of the day on which every view is seen. */
export const noon = Date.parse('2026-03-01T12:00:00.000Z');

/** ISO 8601, this many seconds before (or after) noon. */
export const at = (seconds: number): string => new Date(noon + seconds * 1000).toISOString();

/** What is known of a namespace, all of it. */
export const aView = (objects: readonly KubernetesObject[], now = noon): View => ({
  now,
  of: (groupKind) => objects.filter((object) => groupKindOf(object) === groupKind),
});

type Metadata = Partial<KubernetesObject['metadata']>;

/** An object of generation 3 that Berth wrote a minute ago, observed by its controller. */
export function anObject(
  apiVersion: string,
  kind: string,
  { spec, status, ...metadata }: Metadata & { spec?: object; status?: object } = {},
): KubernetesObject {
  const { name = kind.toLowerCase(), annotations, ...rest } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      namespace: 'stg-a',
      uid: `uid-of-${kind}-${name}`,
      creationTimestamp: at(-60),
      generation: 1,
      ...rest,
      name,
      annotations: { 'berth.dev/generation': '3', ...annotations },
    },
    ...(spec ? { spec } : {}),
    ...(status ? { status: { observedGeneration: 1, ...status } } : {}),
  };
}

export const ownedBy = (owner: KubernetesObject): Metadata => ({
  ownerReferences: [
    { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name ?? '', uid: owner.metadata.uid ?? '' },
  ],
});

export const condition = (type: string, status: string, more: object = {}): object => ({ type, status, ...more });
