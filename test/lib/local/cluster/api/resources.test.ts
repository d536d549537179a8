import { describe, expect, it } from 'vitest';
import { clusterApi, configMap, deployment, namespace, pod } from '../../../../support/cluster-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

describe('objects of the simulated API', () => {
  it('answers a create with uid, time, version, and the manager of each field', async () => {
    const { create } = await clusterApi();
    const { status, body } = await create(maps, configMap('one', { a: '1' }));
    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({
      name: 'one',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: expect.stringMatching(/^\d+$/),
      managedFields: [{ manager: 'test', operation: 'Update', fieldsV1: { 'f:data': { 'f:a': {} } } }],
    });
  });

  it.each([
    [
      'an unknown path',
      '/apis/apps/v1/namespaces/default/gadgets',
      404,
      'the server could not find the requested resource',
    ],
    ['an unknown group', '/apis/nowhere.io/v1/things', 404, 'the server could not find the requested resource'],
    ['an absent object', `${maps}/none`, 404, 'configmaps "none" not found'],
    ['an unknown subresource', `${maps}/none/status`, 404, 'the server could not find the requested resource'],
    ['a wrong label selector', `${maps}?labelSelector=a%3D%3D%3Db`, 400, 'unable to parse requirement: a===b'],
    ['a field that selects nothing', `${maps}?fieldSelector=data.a%3D1`, 400, 'field label not supported: data.a'],
  ])('refuses %s with a Status', async (_, path, code, message) => {
    const { call } = await clusterApi();
    const { status, body } = await call(path);
    expect(status).toBe(code);
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', message, code });
  });

  it('refuses callers without a good token', async () => {
    const { request } = await clusterApi();
    expect((await request(maps, { headers: { authorization: 'Bearer nobody' } })).status).toBe(401);
  });

  it('refuses a second object of the same name', async () => {
    const { create } = await clusterApi();
    await create(maps, configMap('one'));
    const { status, body } = await create(maps, configMap('one'));
    expect([status, body.reason, body.message]).toEqual([409, 'AlreadyExists', 'configmaps "one" already exists']);
  });

  it('refuses an update that was made from an old version', async () => {
    const { call, create } = await clusterApi();
    const { body: first } = await create(maps, configMap('one'));
    await call(`${maps}/one`, { method: 'PUT', body: { ...first, data: { a: '1' } } });
    const { status, body } = await call(`${maps}/one`, { method: 'PUT', body: { ...first, data: { a: '2' } } });
    expect([status, body.reason]).toEqual([409, 'Conflict']);
    expect(body.message).toContain('the object has been modified');
  });

  it('keeps version and generation over a write that changes nothing', async () => {
    const { apply } = await clusterApi();
    const first = await apply(`${deployments}/web`, deployment('web'));
    const second = await apply(`${deployments}/web`, deployment('web'));
    expect(second.body.metadata.generation).toBe(1);
    expect(first.status).toBe(201);
    expect(second.status).toBe(200);
    expect(second.body.metadata.managedFields).toEqual(first.body.metadata.managedFields);
  });

  it('counts the generation with the spec, and not with labels or status', async () => {
    const { call, create } = await clusterApi();
    await create(deployments, deployment('web'));
    const patch = (body: object, path = '') =>
      call(`${deployments}/web${path}`, { method: 'PATCH', type: 'application/merge-patch+json', body });
    expect((await patch({ metadata: { labels: { a: 'b' } } })).body.metadata.generation).toBe(1);
    expect((await patch({ status: { replicas: 9 } })).body.status?.replicas).not.toBe(9);
    expect((await patch({ status: { replicas: 9 } }, '/status')).body).toMatchObject({
      metadata: { generation: 1 },
      status: { replicas: 9 },
    });
    expect((await patch({ spec: { paused: true } })).body.metadata.generation).toBe(2);
  });

  it('fills in what is left out', async () => {
    const { create } = await clusterApi();
    const { body } = await create(deployments, deployment('web'));
    expect(body.spec).toMatchObject({
      replicas: 1,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    });
  });

  it('scales through the subresource', async () => {
    const { call, create } = await clusterApi();
    await create(deployments, deployment('web'));
    const { body: scale } = await call(`${deployments}/web/scale`);
    const { body } = await call(`${deployments}/web/scale`, {
      method: 'PUT',
      body: { ...scale, spec: { replicas: 3 } },
    });
    expect([body.kind, body.spec.replicas]).toEqual(['Scale', 3]);
    expect((await call(`${deployments}/web`)).body.spec.replicas).toBe(3);
  });

  it('writes nothing in a dry run', async () => {
    const { call, create } = await clusterApi();
    expect((await create(`${maps}?dryRun=All`, configMap('one'))).status).toBe(201);
    expect((await call(`${maps}/one`)).status).toBe(404);
  });

  it('pages through one moment of a list, whatever changes meanwhile', async () => {
    const { call, create } = await clusterApi();
    for (const name of ['a', 'b', 'c', 'd']) await create(maps, configMap(name));
    const first = await call(`${maps}?limit=2`);
    await create(maps, configMap('bb'));
    const second = await call(`${maps}?limit=10&continue=${first.body.metadata.continue}`);
    const names = [...first.body.items, ...second.body.items].map(({ metadata }) => metadata.name);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'kube-root-ca.crt']);
    expect(first.body.metadata.remainingItemCount).toBe(3);
    expect((await call(`${maps}?continue=gone`)).body).toMatchObject({ code: 410, reason: 'Expired' });
  });

  it('selects by labels and fields', async () => {
    const { call, create } = await clusterApi();
    await create(maps, configMap('a', {}, { tier: 'web', app: 'x' }));
    await create(maps, configMap('b', {}, { tier: 'db' }));
    const names = async (query: string): Promise<string[]> =>
      (await call(`/api/v1/configmaps?${query}`)).body.items.map(({ metadata }: never) => Object(metadata).name);
    expect(await names('labelSelector=tier%20in%20(web,db),!app')).toEqual(['b']);
    expect(await names('labelSelector=tier!%3Ddb,tier')).toEqual(['a']);
    expect(await names('fieldSelector=metadata.name%3Db,metadata.namespace%3Ddefault')).toEqual(['b']);
  });

  it('deletes only what the preconditions mean', async () => {
    const { call, create } = await clusterApi();
    const { body: created } = await create(maps, configMap('one'));
    const remove = (preconditions: object) => call(`${maps}/one`, { method: 'DELETE', body: { preconditions } });
    expect((await remove({ uid: 'another' })).status).toBe(409);
    expect((await remove({ resourceVersion: '1' })).status).toBe(409);
    const { status, body } = await remove({ uid: created.metadata.uid });
    expect([status, body.status]).toEqual([200, 'Success']);
  });

  it('deletes a collection by its selector', async () => {
    const { call, create } = await clusterApi();
    await create(maps, configMap('a', {}, { old: 'yes' }));
    await create(maps, configMap('b'));
    await call(`${maps}?labelSelector=old`, { method: 'DELETE' });
    expect((await call(`${maps}/a`)).status).toBe(404);
    expect((await call(`${maps}/b`)).status).toBe(200);
  });

  it('shows the logs that the kubelet has, and says why there are none', async () => {
    const { call, clock, create, request } = await clusterApi();
    await create('/api/v1/namespaces/default/pods', pod('p'));
    const logs = '/api/v1/namespaces/default/pods/p/log';
    expect((await call(logs)).body.message).toContain('waiting to start');
    await clock.advance(60_000);
    expect((await request(`${logs}?tailLines=1`)).body).toMatch(/^\S.*\n?$/);
    expect((await call(`${logs}?follow=true`)).status).toBe(400);
    expect((await call(`${logs}?container=other`)).status).toBe(400);
  });

  it.each([
    ['/api/v1/namespaces/default/pods/one/exec', 'pods/exec'],
    ['/api/v1/namespaces/default/serviceaccounts/default/token', 'serviceaccounts/token'],
    ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'selfsubjectaccessreviews.authorization.k8s.io'],
  ])('says of what every other cluster has that it is not here: %s', async (path, what) => {
    const { create } = await clusterApi();
    const { status, body } = await create(path, {});
    expect([status, body.message]).toEqual([404, `the simulated cluster does not have ${what}`]);
  });

  it('creates nothing in a namespace that is not there', async () => {
    const { create } = await clusterApi();
    const { status, body } = await create('/api/v1/namespaces/none/configmaps', configMap('one'));
    expect([status, body.message]).toEqual([404, 'namespaces "none" not found']);
    expect((await create('/api/v1/namespaces', namespace('Wrong_Name'))).status).toBe(422);
  });
});
