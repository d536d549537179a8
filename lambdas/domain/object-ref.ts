import type { KubernetesObject } from './kubernetes-object.ts';

/** Which object, without its contents. Cluster-scoped ones have no namespace. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
}

export const refOf = ({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef => ({
  apiVersion,
  kind,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name ?? '',
});

/** Group of an apiVersion; empty for the core. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** Group/Kind, `Kind` alone in the core group: what rules are found by, whatever the version. */
export const groupKindOf = ({ apiVersion, kind }: { apiVersion: string; kind: string }): string => {
  const group = groupOf(apiVersion);
  return group === '' ? kind : `${group}/${kind}`;
};

/** The same for the same object under whatever version it is served. */
export const refKey = (ref: ObjectRef): string => `${groupKindOf(ref)}:${ref.namespace ?? ''}:${ref.name}`;

/** Kind/name. */
export const describeRef = ({ kind, name }: ObjectRef): string => `${kind}/${name}`;
