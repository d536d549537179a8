import * as z from 'zod';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { inventoryName } from '../domain/markers.ts';
import { type ObjectRef, refKey } from '../domain/object-ref.ts';
import { parseJson } from './errors.ts';

/** What Berth has put into the cluster for one staging. Lies in a ConfigMap in its namespace. */
export interface Inventory {
  /** of the deploy that wrote it */
  generation: number;
  /** whose objects these are: another product in the same namespace is installed, not upgraded */
  blueprint?: string | undefined;
  /** generation of the first deploy that succeeded; absent until one has */
  installed?: number | undefined;
  refs: readonly ObjectRef[];
  /** of these, those that may end by themselves: Jobs with a time to live */
  transient: readonly string[];
  /** cluster-scoped objects of hooks, which belong to no deploy but go with the staging */
  hookRefs: readonly ObjectRef[];
  /** hooks that have run in this generation, so that none runs twice */
  ranHooks: readonly string[];
  /** the ConfigMap's resourceVersion as it was read or written; absent where there was none */
  version?: string | undefined;
}

export const emptyInventory: Inventory = { generation: 0, refs: [], transient: [], hookRefs: [], ranHooks: [] };

/** `apps/v1 Deployment` → names: some 30 bytes an object, so that thousands fit a ConfigMap's megabyte. */
const Names = z.record(z.string(), z.array(z.string()));
const Keys = z.array(z.string());

function pack(refs: readonly ObjectRef[], scope: 'namespaced' | 'cluster'): string {
  const chosen = refs.filter((ref) => (ref.namespace === undefined) === (scope === 'cluster'));
  const groups = Map.groupBy(chosen, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  return JSON.stringify(Object.fromEntries([...groups].map(([type, group]) => [type, group.map(({ name }) => name)])));
}

function unpack(text: string | undefined, namespace: string | undefined): ObjectRef[] {
  const names = Names.safeParse(parseJson(text ?? '{}')).data ?? {};
  return Object.entries(names).flatMap(([type, list]) => {
    const [apiVersion = '', kind = ''] = type.split(' ');
    return list.map((name) => ({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }));
  });
}

/** The ConfigMap's `data`. */
export const packInventory = (inventory: Inventory): Record<string, string> => ({
  generation: String(inventory.generation),
  ...(inventory.blueprint === undefined ? {} : { blueprint: inventory.blueprint }),
  ...(inventory.installed === undefined ? {} : { installed: String(inventory.installed) }),
  objects: pack(inventory.refs, 'namespaced'),
  cluster: pack(inventory.refs, 'cluster'),
  hookObjects: pack(inventory.hookRefs, 'cluster'),
  transient: JSON.stringify(inventory.transient),
  hooks: JSON.stringify(inventory.ranHooks),
});

const Data = z.object({ data: z.record(z.string(), z.string()).nullish() });
const keysOf = (text: string | undefined): string[] => Keys.safeParse(parseJson(text ?? '[]')).data ?? [];

/** Reads the ConfigMap back; where there is none, nothing has been applied. */
export function unpackInventory(object: KubernetesObject | undefined): Inventory {
  const data = Data.safeParse(object).data?.data;
  if (!data) return emptyInventory;
  const namespace = object?.metadata.namespace;
  return {
    generation: Number(data['generation'] ?? 0),
    ...(data['blueprint'] === undefined ? {} : { blueprint: data['blueprint'] }),
    ...(data['installed'] === undefined ? {} : { installed: Number(data['installed']) }),
    refs: [...unpack(data['objects'], namespace), ...unpack(data['cluster'], undefined)],
    hookRefs: unpack(data['hookObjects'], undefined),
    transient: keysOf(data['transient']),
    ranHooks: keysOf(data['hooks']),
    version: object?.metadata.resourceVersion,
  };
}

export const inventoryRef = (namespace: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name: inventoryName,
});

function distinct(refs: readonly ObjectRef[]): ObjectRef[] {
  return [...new Map(refs.map((ref) => [refKey(ref), ref])).values()];
}

/** Before anything is applied: all that there was and all that there will be, so that a kill leaves nothing unaccounted for. */
export const united = (before: Inventory, next: Inventory): Inventory => ({
  ...next,
  version: before.version,
  installed: before.blueprint === next.blueprint ? before.installed : undefined,
  refs: distinct([...before.refs, ...next.refs]),
  hookRefs: distinct([...before.hookRefs, ...next.hookRefs]),
  ranHooks: before.generation === next.generation ? before.ranHooks : [],
});

/** What was applied once and is no longer wanted, under whatever version it is served. */
export function obsolete(before: Inventory, wanted: readonly ObjectRef[]): ObjectRef[] {
  const kept = new Set(wanted.map(refKey));
  return before.refs.filter((ref) => !kept.has(refKey(ref)));
}

/** What has to be in the cluster for the staging to be well. */
export const expectedRefs = ({ refs, transient }: Inventory): ObjectRef[] => {
  const mayBeGone = new Set(transient);
  return refs.filter((ref) => !mayBeGone.has(refKey(ref)));
};

/** Whether a deploy of the same product has succeeded in an earlier generation: Helm's upgrade rather than install. */
export const isUpgrade = (
  inventory: Inventory,
  { generation, blueprint }: { generation: number; blueprint: string },
): boolean =>
  inventory.blueprint === blueprint && inventory.installed !== undefined && inventory.installed < generation;
