import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { freshName } from '../support/deploys.ts';

let cluster: TestCluster;
const namespace = `contract-${freshName()}`;
const namespaceObject: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
const maps = `/api/v1/namespaces/${namespace}/configmaps`;

beforeAll(async () => {
  cluster = await startTestCluster();
  await cluster.operator.create(namespaceObject);
});
afterAll(async () => {
  await cluster.operator.remove(refOf(namespaceObject));
  await cluster.close();
});

const ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, more: object = {}): Promise<unknown> =>
  cluster.transport.json({ method, path, ...more });
const mergePatch = (path: string, body: object): Promise<unknown> =>
  ask('PATCH', path, { body, contentType: 'application/merge-patch+json' });
const apply = (path: string, body: object): Promise<unknown> =>
  ask('PATCH', path, { query: { fieldManager: 'test' }, body, contentType: 'application/apply-patch+yaml' });

/** A ConfigMap that is there. @returns its name and path */
async function storedMap(metadata: object = {}) {
  const name = freshName();
  await ask('POST', maps, { body: { metadata: { name, ...metadata }, data: { key: 'value' } } });
  return { name, path: `${maps}/${name}` };
}

describe('who wants metadata only', () => {
  const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

  it('gets no contents of an object', async () => {
    const { name, path } = await storedMap();
    const answers = [await ask('GET', path, { accept }), await ask('PATCH', path, { accept, ...annotating })];
    for (const answer of answers) {
      expect(answer).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name } });
      expect(answer).not.toHaveProperty('data');
    }
  });

  it('gets no contents of a list', async () => {
    const { name } = await storedMap({ labels: { listed: 'bare' } });
    const wanted = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
    expect(await ask('GET', maps, { accept: wanted, query: { labelSelector: 'listed=bare' } })).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name } }],
    });
  });

  const annotating = { body: { metadata: { annotations: { a: 'b' } } }, contentType: 'application/merge-patch+json' };
});

describe('lists', () => {
  it('say kind and version once, and not with each item', async () => {
    await storedMap({ labels: { listed: 'whole' } });
    const list = await ask('GET', maps, { query: { labelSelector: 'listed=whole' } });
    expect(Object(list).items).toEqual([{ metadata: expect.anything(), data: { key: 'value' } }]);
  });

  it("don't count what is left behind a selector", async () => {
    await storedMap({ labels: { listed: 'paged' } });
    await storedMap({ labels: { listed: 'paged' } });
    const list = await ask('GET', maps, { query: { labelSelector: 'listed=paged', limit: 1 } });
    expect(Object(list).metadata).toEqual({ resourceVersion: expect.anything(), continue: expect.anything() });
  });

  it.each([
    [{ resourceVersionMatch: 'Exact' }, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    [{ resourceVersionMatch: 'Newest', resourceVersion: 1 }, 'Unsupported value: "Newest"'],
    [{ sendInitialEvents: true }, 'sendInitialEvents is forbidden for list'],
    [{ watch: true, sendInitialEvents: true }, 'sendInitialEvents requires setting resourceVersionMatch'],
    [{ watch: true, resourceVersionMatch: 'NotOlderThan' }, 'forbidden for watch unless sendInitialEvents'],
  ])('refuse options that do not go together: %o', async (query, message) => {
    const refused = { status: 422, message: expect.stringContaining(message) };
    await expect(ask('GET', maps, { query })).rejects.toMatchObject(refused);
  });
});

describe('writes', () => {
  it('are refused on what they are not for', async () => {
    const notAllowed = { status: 405, reason: 'MethodNotAllowed' };
    await expect(ask('DELETE', '/api/v1/configmaps')).rejects.toMatchObject(notAllowed);
    await expect(ask('DELETE', '/api/v1/namespaces')).rejects.toMatchObject(notAllowed);
    await expect(ask('POST', `${maps}/a`, { body: {} })).rejects.toMatchObject(notAllowed);
    await expect(ask('POST', '/api/v1/configmaps', { body: {} })).rejects.toMatchObject(notAllowed);
    await expect(mergePatch(maps, {})).rejects.toMatchObject(notAllowed);
  });

  it('never apply to an object that is gone what was meant for it alone', async () => {
    const name = freshName();
    const meant = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, uid: 'a7e5d5b0-0000-4000-8000-000000000000' },
    };
    await expect(apply(`${maps}/${name}`, meant)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('no existing object was found'),
    });
  });

  it('are refused with finalizers that belong to nobody', async () => {
    const object = { metadata: { name: freshName(), finalizers: ['mine'] } };
    await expect(ask('POST', maps, { body: object })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('fully qualified'),
    });
  });

  it('add no finalizers to what is being deleted', async () => {
    const { path } = await storedMap({ finalizers: ['example.com/hold'] });
    await ask('DELETE', path);
    const both = ['example.com/hold', 'example.com/another'];
    const refused = { status: 422, message: expect.stringContaining('no new finalizers can be added') };
    await expect(mergePatch(path, { metadata: { finalizers: both } })).rejects.toMatchObject(refused);
    await mergePatch(path, { metadata: { finalizers: null } });
  });

  it('are refused where nothing can be answered in the form that is asked for', async () => {
    const refused = { status: 406, reason: 'NotAcceptable' };
    await expect(ask('GET', maps, { accept: 'application/none' })).rejects.toMatchObject(refused);
  });
});

describe('a Service that becomes one of another type', () => {
  it('keeps nothing that it had for the former one', async () => {
    const services = `/api/v1/namespaces/${namespace}/services`;
    const name = freshName();
    const spec = { type: 'NodePort', ports: [{ port: 80 }] };
    const opened = await ask('POST', services, { body: { metadata: { name }, spec } });
    expect(Object(opened).spec.ports[0].nodePort).toBeGreaterThan(0);
    const closed = await mergePatch(`${services}/${name}`, { spec: { type: 'ClusterIP' } });
    expect(Object(closed).spec.ports).toEqual([{ port: 80, targetPort: 80, protocol: 'TCP' }]);
    expect(closed).not.toHaveProperty('spec.externalTrafficPolicy');
    const external = { type: 'ExternalName', externalName: 'web.example.com' };
    const named = await mergePatch(`${services}/${name}`, { spec: external });
    expect(Object(named).spec).toEqual({ ...external, ports: Object(closed).spec.ports, sessionAffinity: 'None' });
    const headless = await mergePatch(`${services}/${name}`, { spec: { type: 'ClusterIP', clusterIP: 'None' } });
    expect(headless).toHaveProperty('spec.clusterIP', 'None');
  });
});

describe('what kubectl shows of a list', () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

  it.each([
    ['/api/v1', 'pods', 'Name, Ready, Status, Restarts, Age', 'IP, Node'],
    ['/api/v1', 'services', 'Name, Type, Cluster-IP, External-IP, Port(s), Age', 'Selector'],
    ['/api/v1', 'events', 'Last Seen, Type, Reason, Object, Message', 'Name'],
    ['/api/v1', 'configmaps', 'Name, Data, Age', ''],
    [
      '/api/v1',
      'persistentvolumeclaims',
      'Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age',
      '',
    ],
    ['/apis/apps/v1', 'deployments', 'Name, Ready, Up-to-date, Available, Age', 'Containers, Images, Selector'],
    ['/apis/apps/v1', 'replicasets', 'Name, Desired, Current, Ready, Age', 'Containers, Images, Selector'],
    ['/apis/apps/v1', 'statefulsets', 'Name, Ready, Age', 'Containers, Images'],
    [
      '/apis/apps/v1',
      'daemonsets',
      'Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age',
      'Containers, Images, Selector',
    ],
    ['/apis/batch/v1', 'jobs', 'Name, Status, Completions, Duration, Age', 'Containers, Images, Selector'],
    ['/apis/batch/v1', 'cronjobs', 'Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age', ''],
    ['/apis/networking.k8s.io/v1', 'ingresses', 'Name, Class, Hosts, Address, Ports, Age', ''],
    [
      '/apis/autoscaling/v2',
      'horizontalpodautoscalers',
      'Name, Reference, Targets, MinPods, MaxPods, Replicas, Age',
      '',
    ],
  ])('has the columns that people know: %s/%s', async (root, plural, shown, wide) => {
    const table = Object(await ask('GET', `${root}/namespaces/${namespace}/${plural}`, { accept }));
    const names = (priority: number): string[] =>
      table.columnDefinitions
        .filter((column: { priority: number }) => column.priority === priority)
        .map(({ name }: { name: string }) => name);
    expect(names(0).join(', ')).toBe(shown);
    expect(names(1)).toEqual(expect.arrayContaining(wide === '' ? [] : wide.split(', ')));
  });
});
