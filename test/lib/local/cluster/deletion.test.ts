import { describe, expect, it } from 'vitest';
import { clusterApi, configMap, deployment, namespace, pod } from '../../../support/cluster-api.ts';

const namespaces = '/api/v1/namespaces';
const maps = '/api/v1/namespaces/shop/configmaps';

async function shop() {
  const api = await clusterApi();
  await api.create(namespaces, namespace('shop'));
  const remove = (path: string, body: object = {}) => api.call(path, { method: 'DELETE', body });
  return { ...api, remove };
}

const held = (name: string) => ({ ...configMap(name), metadata: { name, finalizers: ['example.com/keep'] } });

describe('namespaces', () => {
  it('go with all that is in them, and tell it in that order', async () => {
    const { call, create, remove, watch } = await shop();
    await create(maps, configMap('one'));
    const { events } = await watch(`${namespaces}?watch=true&fieldSelector=metadata.name%3Dshop`);
    const { body } = await remove(`${namespaces}/shop`);
    expect(body.status.phase).toBe('Terminating');
    expect((await call(`${namespaces}/shop`)).status).toBe(404);
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['ADDED', 'MODIFIED']);
    expect(events.at(-1).type).toBe('DELETED');
  });

  it('wait for finalizers and name them', async () => {
    const { call, create, remove } = await shop();
    await create(maps, held('one'));
    await remove(`${namespaces}/shop`);
    const { body } = await call(`${namespaces}/shop`);
    const condition = (type: string) => body.status.conditions.find((one: { type: string }) => one.type === type);
    expect(condition('NamespaceFinalizersRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeFinalizersRemain',
      message: 'Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances',
    });
    expect(condition('NamespaceContentRemaining').message).toBe(
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    await call(`${maps}/one`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    expect((await call(`${namespaces}/shop`)).status).toBe(404);
  });

  it('wait for their pods before anything else goes, and tell nothing of it', async () => {
    const { call, create, remove } = await shop();
    const pods = '/api/v1/namespaces/shop/pods';
    await create(pods, { ...pod('web'), metadata: { name: 'web', finalizers: ['example.com/keep'] } });
    await create(maps, configMap('one'));
    await remove(`${namespaces}/shop`);
    expect((await call(`${maps}/one`)).status).toBe(200);
    const { body } = await call(`${namespaces}/shop`);
    expect(new Set(body.status.conditions.map(({ status }: { status: string }) => status))).toEqual(new Set(['False']));
    const patch = { metadata: { finalizers: null } };
    await call(`${pods}/web`, { method: 'PATCH', type: 'application/merge-patch+json', body: patch });
    expect((await call(`${namespaces}/shop`)).status).toBe(404);
  });

  it('take nothing new while they go', async () => {
    const { create, remove } = await shop();
    await create(maps, held('one'));
    await remove(`${namespaces}/shop`);
    const { status, body } = await create(maps, configMap('two'));
    expect(status).toBe(403);
    expect(body.message).toBe(
      'configmaps "two" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
    expect(body.details.causes).toMatchObject([{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }]);
  });

  it('keep their own finalizer against ordinary writes', async () => {
    const { call } = await shop();
    const { body } = await call(`${namespaces}/shop`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { finalizers: [] } },
    });
    expect(body.spec.finalizers).toEqual(['kubernetes']);
  });

  it('that a cluster needs are not deleted', async () => {
    const { remove } = await shop();
    expect((await remove(`${namespaces}/kube-system`)).status).toBe(403);
  });
});

describe('volume claims', () => {
  it('stay for as long as a pod with them is on a node', async () => {
    const { call, clock, create, remove } = await shop();
    const claims = '/api/v1/namespaces/shop/persistentvolumeclaims';
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await create(claims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec });
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    await create('/api/v1/namespaces/shop/pods', pod('web', { volumes }));
    await clock.advance(2_000);
    const { body } = await remove(`${claims}/data`);
    expect(body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    await remove('/api/v1/namespaces/shop/pods/web');
    await clock.advance(2_000);
    expect((await call(`${claims}/data`)).status).toBe(404);
  });
});

describe('owned objects', () => {
  const owned = (name: string, owner: { uid: string }, isBlocking = false) => ({
    ...configMap(name),
    metadata: {
      name,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.uid, blockOwnerDeletion: isBlocking },
      ],
    },
  });

  async function family() {
    const api = await shop();
    const { body: owner } = await api.create(maps, configMap('owner'));
    await api.create(maps, owned('child', owner.metadata, true));
    return api;
  }

  it('go after their owner by default', async () => {
    const { call, remove } = await family();
    await remove(`${maps}/owner`);
    expect((await call(`${maps}/child`)).status).toBe(404);
  });

  it('go before their owner in the foreground', async () => {
    const { call, remove, watch } = await family();
    const { events } = await watch(`${maps}?watch=true`);
    await remove(`${maps}/owner`, { propagationPolicy: 'Foreground' });
    const gone = events.filter(({ type }) => type === 'DELETED').map(({ object }) => object.metadata.name);
    expect(gone).toEqual(['child', 'owner']);
    expect((await call(`${maps}/owner`)).status).toBe(404);
  });

  it('stay without their owner when orphaned', async () => {
    const { call, remove } = await family();
    await remove(`${maps}/owner`, { propagationPolicy: 'Orphan' });
    const { body } = await call(`${maps}/child`);
    expect(body.metadata.ownerReferences).toBeUndefined();
    expect((await call(`${maps}/owner`)).status).toBe(404);
  });

  it('go at once when their owner is not there', async () => {
    const { call, create } = await shop();
    await create(maps, owned('child', { uid: 'nobody' }));
    expect((await call(`${maps}/child`)).status).toBe(404);
  });

  it('of a deployment are gone down to its pods', async () => {
    const { call, clock, create, remove } = await shop();
    const deployments = '/apis/apps/v1/namespaces/shop/deployments';
    await create(deployments, deployment('web', 'web:1', { replicas: 2 }));
    await clock.advance(10_000);
    const pods = async (): Promise<number> => (await call('/api/v1/namespaces/shop/pods')).body.items.length;
    expect(await pods()).toBe(2);
    await remove(`${deployments}/web`);
    await clock.advance(60_000);
    expect(await pods()).toBe(0);
  });
});
