import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitGone } from '../../lambdas/cluster/await-gone.ts';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection } from '../../lambdas/cluster/connection.ts';
import type { WatchEvent } from '../../lambdas/cluster/watch.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployment, freshName } from '../support/deploys.ts';
import { noPauses } from '../support/no-pauses.ts';

let cluster: TestCluster;
/** what this suite is about is the server, not what Berth may do there */
let client: KubernetesClient;
const namespace = `contract-${freshName()}`;
const namespaceObject: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };

beforeAll(async () => {
  cluster = await startTestCluster();
  client = cluster.operator;
  await client.create(namespaceObject);
});
afterAll(async () => {
  await client.remove(refOf(namespaceObject));
  await cluster.close();
});

const inside = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});
const aMap = (data?: Record<string, string>): KubernetesObject => inside(aConfigMap(freshName(), data));
const refusal = (status: number, message: RegExp) => ({
  name: 'KubernetesError',
  status,
  message: expect.stringMatching(message),
});

describe('a cluster', () => {
  it.each([
    ['that does not know us', () => ({ ...cluster.access, token: 'nobody' }), /^the cluster refuses our token: /],
    [
      'that is not there',
      () => ({ ...cluster.access, endpoint: 'https://127.0.0.1:1' }),
      /^the cluster can't be reached: /,
    ],
  ])('%s is out of reach, and why is told', async (_what, access, message) => {
    const { endpoint, ca, token } = access();
    const connection = createConnection(
      async () => ({ endpoint, ca }),
      async () => token,
    );
    const asking = createClient(connection, noPauses).list('v1', 'Namespace');
    await expect(asking).rejects.toMatchObject({
      name: 'ClusterUnreachable',
      message: expect.stringMatching(message),
    });
    await connection.close();
  });
});

describe('reading', () => {
  it('answers undefined for what is not there, and for what is not served', async () => {
    expect(await client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'absent' })).toBeUndefined();
    expect(await client.get({ apiVersion: 'none.example.com/v1', kind: 'None', name: 'x' })).toBeUndefined();
  });

  it('knows kinds, their plurals and whether they are namespaced', async () => {
    const { discovery } = client;
    expect(await discovery.find('networking.k8s.io/v1', 'Ingress')).toMatchObject({
      plural: 'ingresses',
      namespaced: true,
    });
    expect(await discovery.find('v1', 'Namespace')).toMatchObject({ plural: 'namespaces', namespaced: false });
    expect(await discovery.find('v1', 'Nothing')).toBeUndefined();
    expect(await discovery.findPlural('apps', 'deployments')).toMatchObject({ kind: 'Deployment' });
    expect(await discovery.findPlural('', 'persistentvolumeclaims')).toMatchObject({ kind: 'PersistentVolumeClaim' });
  });

  it('lists by labels, with kind and version on every object, contents or not', async () => {
    const map = aMap({ key: 'value' });
    const labelled = { ...map, metadata: { ...map.metadata, labels: { of: namespace } } };
    await client.apply(labelled);
    const selection = { namespace, labelSelector: `of=${namespace}` };
    const { objects, resourceVersion } = await client.list('v1', 'ConfigMap', selection);
    expect(objects).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' } }]);
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    const { objects: bare } = await client.list('v1', 'ConfigMap', { ...selection, metadataOnly: true });
    expect(bare).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: map.metadata.name } }]);
  });

  it('lists more than one page', async () => {
    const maps = Array.from({ length: 510 }, (_, index) => index).map((index) =>
      inside({ ...aConfigMap(`page-${index}`), metadata: { name: `page-${index}`, labels: { page: 'yes' } } }),
    );
    for (let start = 0; start < maps.length; start += 102) {
      await Promise.all(maps.slice(start, start + 102).map((map) => client.apply(map)));
    }
    const { objects } = await client.list('v1', 'ConfigMap', { namespace, labelSelector: 'page=yes' });
    expect(new Set(objects.map(({ metadata }) => metadata.name)).size).toBe(510);
  });
});

describe('applying', () => {
  it('creates, changes, and takes fields back that are no longer sent', async () => {
    const map = aMap({ one: '1', two: '2' });
    await client.apply(map);
    const changed = await client.apply({ ...map, data: { one: '11' } });
    expect(changed['data']).toEqual({ one: '11' });
    expect(JSON.stringify(changed.metadata)).toContain('"manager":"berth"');
  });

  it('changes nothing, not even the version, when the same is applied again', async () => {
    const map = aMap();
    const { metadata: before } = await client.apply(map);
    const { metadata: after } = await client.apply(map);
    expect(after.resourceVersion).toBe(before.resourceVersion);
  });

  it('refuses a field that the kind does not have', async () => {
    const odd = inside(aDeployment(freshName(), undefined, { replicsa: 2 }));
    await expect(client.apply(odd)).rejects.toMatchObject({
      name: 'KubernetesError',
      message: expect.stringContaining('replicsa'),
    });
  });

  it('refuses a wrong value, and names the field', async () => {
    const odd = inside(aDeployment(freshName(), undefined, { replicas: -1 }));
    await expect(client.apply(odd)).rejects.toMatchObject({
      status: 422,
      causes: [expect.objectContaining({ field: 'spec.replicas' })],
    });
  });

  it('refuses a change that was made of an older version', async () => {
    const map = aMap();
    const { metadata } = await client.apply(map);
    await client.apply({ ...map, data: { key: 'newer' } });
    const late = {
      ...map,
      metadata: { ...map.metadata, resourceVersion: metadata.resourceVersion },
      data: { key: 'late' },
    };
    await expect(client.apply(late)).rejects.toMatchObject(refusal(409, /modified|conflict/i));
  });

  it('refuses to create what is there', async () => {
    await expect(client.create(namespaceObject)).rejects.toMatchObject(refusal(409, /already exists/));
  });

  it('refuses an object in a namespace that is not there', async () => {
    const lost = { ...aMap(), metadata: { name: 'lost', namespace: `${namespace}-none` } };
    await expect(client.apply(lost)).rejects.toMatchObject(refusal(404, /namespaces .* not found/));
  });
});

describe('removing', () => {
  it('says whether there was something, and is harmless again', async () => {
    const map = aMap();
    await client.apply(map);
    expect(await client.remove(refOf(map))).toBe(true);
    expect(await client.remove(refOf(map))).toBe(false);
  });

  it('never takes another object of the same name', async () => {
    const map = aMap();
    const { metadata } = await client.apply(map);
    await client.remove(refOf(map));
    await client.apply(map);
    expect(await client.remove(refOf(map), { uid: metadata.uid })).toBe(false);
    expect(await client.get(refOf(map))).toBeDefined();
  });

  it('can be waited for, finalizers and all', async () => {
    const plain = aMap();
    const map = { ...plain, metadata: { ...plain.metadata, labels: { of: 'berth' } } };
    const held = { ...map, metadata: { ...map.metadata, finalizers: ['example.com/hold'] } };
    const there = await client.apply(held);
    await client.remove(refOf(map));
    expect(await awaitGone(client, there, AbortSignal.timeout(100))).toBe(false);
    const going = awaitGone(client, there, AbortSignal.timeout(10_000));
    await client.apply(map);
    expect(await going).toBe(true);
  });
});

describe('watching', () => {
  it('tells what is there, then every change, until it is called off', async () => {
    const map = aMap();
    await client.apply(map);
    const stop = new AbortController();
    const selection = { namespace, fieldSelector: `metadata.name=${map.metadata.name}` };
    const seen: WatchEvent[] = [];
    for await (const event of client.watch('v1', 'ConfigMap', selection, stop.signal)) {
      seen.push(event);
      if (event.type === 'snapshot') await client.apply({ ...map, data: { key: 'changed' } });
      if (event.type === 'changed') await client.remove(refOf(map));
      if (event.type === 'removed') stop.abort();
    }
    expect(seen.map(({ type }) => type)).toEqual(['snapshot', 'changed', 'removed']);
    expect(seen[0]).toMatchObject({ objects: [{ data: { key: 'value' } }] });
    expect(seen[1]).toMatchObject({ object: { kind: 'ConfigMap', data: { key: 'changed' } } });
  });
});
