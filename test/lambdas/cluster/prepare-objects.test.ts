import { describe, expect, it } from 'vitest';
import { prepareWorkload } from '../../../lambdas/cluster/prepare-objects.ts';
import type { Discovery } from '../../../lambdas/cluster/resources.ts';
import type { Hook, KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { inventoryName, markers } from '../../../lambdas/domain/markers.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const definitions = 'apiextensions.k8s.io/v1';
const served: Record<string, boolean> = {
  'v1 ConfigMap': true,
  'v1 Namespace': false,
  'v1 ResourceQuota': true,
  'v1 LimitRange': true,
  'networking.k8s.io/v1 NetworkPolicy': true,
  [`${rbac} Role`]: true,
  [`${rbac} RoleBinding`]: true,
  [`${rbac} ClusterRole`]: false,
  [`${definitions} CustomResourceDefinition`]: false,
};
const discovery: Discovery = {
  async find(apiVersion, kind) {
    const namespaced = served[`${apiVersion} ${kind}`];
    return namespaced === undefined ? undefined : { apiVersion, kind, plural: `${kind.toLowerCase()}s`, namespaced };
  },
  findPlural: async () => undefined,
  forget: () => {},
};
const target = { staging: 'shop', namespace: 'stg-shop', generation: 7 };

const object = (apiVersion: string, kind: string, metadata: KubernetesObject['metadata'], rest: object = {}) => ({
  apiVersion,
  kind,
  metadata,
  ...rest,
});
const hook = (of: KubernetesObject): Hook => ({ object: of, phases: ['pre-install'], weight: 0, deletePolicies: [] });
const prepare = (objects: KubernetesObject[], hooks: KubernetesObject[] = [], clusterScoped: string[] = []) =>
  prepareWorkload({ objects, hooks: hooks.map(hook) }, target, { clusterScoped }, discovery);
const rejected = (message: RegExp | string) =>
  expect.objectContaining({ name: 'ApplyRejected', message: expect.stringMatching(message) });

/** A definition that claims this kind for itself. */
const definitionOf = (group: string, kind: string, scope: string) =>
  object(definitions, 'CustomResourceDefinition', { name: `x.${group}` }, { spec: { group, scope, names: { kind } } });

describe('prepareWorkload', () => {
  it('puts everything into the staging’s namespace, wherever it says that it belongs', async () => {
    const elsewhere = (name: string) => object('v1', 'ConfigMap', { name, namespace: 'kube-system' });
    const list = object('v1', 'List', {}, { items: [object('v1', 'List', {}, { items: [elsewhere('inner')] })] });
    const { objects, hooks } = await prepare([elsewhere('outer'), list], [elsewhere('hook')]);
    const all = [...objects, ...hooks.map((each) => each.object)];
    expect(all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'stg-shop/outer',
      'stg-shop/inner',
      'stg-shop/hook',
    ]);
  });

  it('says itself whose an object is and which generation, whatever the object says', async () => {
    const metadata = {
      name: 'a',
      uid: 'u',
      resourceVersion: '1',
      labels: { [markers.staging]: 'other', [markers.managedBy]: 'nobody', mine: 'x' },
      annotations: { [markers.generation]: '999' },
    };
    const { objects } = await prepare([object('v1', 'ConfigMap', metadata, { status: { done: true } })]);
    expect(objects).toEqual([
      object('v1', 'ConfigMap', {
        name: 'a',
        namespace: 'stg-shop',
        labels: { [markers.staging]: 'shop', [markers.managedBy]: markers.managedByValue, mine: 'x' },
        annotations: { [markers.generation]: '7' },
      }),
    ]);
  });

  it('refuses and names all that is cluster-scoped at once, in hooks too', async () => {
    const objects = [object('v1', 'Namespace', { name: 'mine' }), object('v1', 'ConfigMap', { name: 'fine' })];
    await expect(
      prepare(objects, [object(rbac, 'ClusterRole', { name: 'all', namespace: 'stg-shop' })]),
    ).rejects.toThrow(
      rejected(
        /^Namespace\/mine: is cluster-scoped, .*; ClusterRole\/all: is cluster-scoped, and the blueprint doesn't list ClusterRole under clusterScoped$/,
      ),
    );
  });

  it('lets cluster-scoped kinds through that the blueprint lists, without a namespace', async () => {
    const { objects } = await prepare(
      [object(rbac, 'ClusterRole', { name: 'all', namespace: 'x' })],
      [],
      ['ClusterRole'],
    );
    expect(objects[0]?.metadata).not.toHaveProperty('namespace');
  });

  it('takes no definition’s word for the scope of a kind that the cluster serves', async () => {
    const claim = definitionOf('rbac.authorization.k8s.io', 'ClusterRole', 'Namespaced');
    const objects = [claim, object(rbac, 'ClusterRole', { name: 'all' })];
    await expect(prepare(objects, [], ['CustomResourceDefinition'])).rejects.toThrow(
      rejected(/^ClusterRole\/all: is cluster-scoped/),
    );
  });

  it('takes a definition’s word for a kind that it brings', async () => {
    const bring = (scope: string) =>
      prepare(
        [definitionOf('a.io', 'Widget', scope), object('a.io/v1', 'Widget', { name: 'w' })],
        [],
        ['CustomResourceDefinition'],
      );
    expect((await bring('Namespaced')).objects[1]?.metadata.namespace).toBe('stg-shop');
    await expect(bring('Cluster')).rejects.toThrow(rejected(/^Widget\/w: is cluster-scoped/));
  });

  it.each([
    [object('a.io/v1', 'Widget', { name: 'w' }), "Widget/w: the cluster doesn't serve Widget of a.io/v1"],
    [object('v1', 'ConfigMap', {}), 'ConfigMap/?: has no name'],
    [
      object('v1', 'ConfigMap', { name: inventoryName }),
      `ConfigMap/${inventoryName}: is the name of what Berth itself`,
    ],
  ])('refuses what can’t be kept track of', async (odd, message) => {
    await expect(prepare([odd])).rejects.toThrow(rejected(message.replaceAll('?', String.raw`\?`)));
  });

  it.each([
    ['v1', 'ConfigMap', 'berth-inventory'],
    ['v1', 'ResourceQuota', 'berth'],
    ['v1', 'LimitRange', 'berth'],
    ['networking.k8s.io/v1', 'NetworkPolicy', 'berth'],
    [rbac, 'RoleBinding', 'berth'],
  ])('lets no object take the place of what Berth keeps there: %s %s %s', async (apiVersion, kind, name) => {
    await expect(prepare([object(apiVersion, kind, { name })])).rejects.toThrow(
      rejected(`${kind}/${name}: is the name of what Berth itself keeps there`),
    );
    await expect(prepare([object(apiVersion, kind, { name: 'own' })])).resolves.toBeDefined();
  });

  it.each(['Role', 'RoleBinding'])('refuses a %s for another namespace', async (kind) => {
    const grant = (namespace: string) => prepare([object(rbac, kind, { name: 'all', namespace })]);
    await expect(grant('kube-system')).rejects.toThrow(
      rejected(`${kind}/all: is for namespace kube-system, and a staging grants rights in its own only`),
    );
    expect((await grant('stg-shop')).objects[0]?.metadata.namespace).toBe('stg-shop');
  });
});
