import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { deploy, failing, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aDeployer, aDeployment, aJob, freshName, image } from '../support/deploys.ts';
import { eventually, openPlane, type Plane, aPod as plainPod, statusOf } from './plane.ts';
import { runByKwok } from './pod-stages.ts';

let plane: Plane;
let cluster: TestCluster;
beforeAll(async () => {
  [plane, cluster] = await Promise.all([openPlane(), startTestCluster()]);
});
afterAll(() => Promise.all([plane.close(), cluster.close()]));

const labelled = (metadata: KubernetesObject['metadata']): KubernetesObject['metadata'] => ({
  ...metadata,
  labels: { ...metadata.labels, ...runByKwok },
});

const aPod = (name: string, tag: string): KubernetesObject => {
  const pod = plainPod(name, tag);
  return { ...pod, metadata: labelled(pod.metadata) };
};

/** The same object, its pods run by kwok. */
function byKwok(object: KubernetesObject): KubernetesObject {
  const { template, ...spec } = Object(object['spec']) as { template: { metadata?: object; spec: object } };
  return { ...object, spec: { ...spec, template: { ...template, metadata: labelled({ ...template.metadata }) } } };
}

const container = async (name: string) => statusOf(await plane.find('v1', 'Pod', name))?.containerStatuses?.[0];

describe.concurrent('a pod that kwok runs', () => {
  it('becomes Ready', async () => {
    await plane.create(aPod('plain', '1.0'));
    await eventually(async () =>
      expect(statusOf(await plane.find('v1', 'Pod', 'plain'))).toMatchObject({
        phase: 'Running',
        podIP: expect.any(String),
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
        containerStatuses: [{ ready: true, restartCount: 0, state: { running: {} } }],
      }),
    );
  });

  it.each([
    ['ErrImagePull', 'missing', /failed to resolve reference ".*": .*:missing: not found$/],
    ['ImagePullBackOff', 'missing', /^Back-off pulling image ".*:missing": ErrImagePull: rpc error/],
    ['ErrImagePull', 'denied', /insufficient_scope: authorization failed$/],
    ['CreateContainerConfigError', 'no-config', /^secret "absent" not found$/],
    ['CrashLoopBackOff', 'crash', /^back-off 10s restarting failed container=web pod=/],
  ])('waits with %s where its tag is %s', async (reason, tag, message) => {
    const name = `${reason.toLowerCase()}-${tag}`;
    await plane.create(aPod(name, tag));
    await eventually(async () =>
      expect((await container(name))?.state['waiting']).toMatchObject({
        reason,
        message: expect.stringMatching(message),
      }),
    );
  });

  it.each([
    ['crash', { exitCode: 1, reason: 'Error' }],
    ['oom', { exitCode: 137, reason: 'OOMKilled' }],
  ])('of the tag %s is restarted, and remembers how it ended', async (tag, end) => {
    await plane.create(aPod(tag, tag));
    await eventually(async () => {
      const found = await container(tag);
      expect(found).toMatchObject({ ready: false, lastState: { terminated: end } });
      expect(found?.restartCount).toBeGreaterThan(1);
    });
  });

  it('leaves slowly where its tag says so', async () => {
    await plane.create(aPod('quick', '1.0'));
    await plane.create(aPod('stuck', 'stuck-terminating'));
    await eventually(async () => expect(await container('quick')).toMatchObject({ ready: true }));
    await eventually(async () => expect(await container('stuck')).toMatchObject({ ready: true }));
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: plane.namespace };
    await plane.client.remove({ ...ref, name: 'stuck' });
    await plane.client.remove({ ...ref, name: 'quick' });
    await eventually(async () => expect(await plane.find('v1', 'Pod', 'quick')).toBeUndefined());
    expect((await plane.find('v1', 'Pod', 'stuck'))?.metadata.deletionTimestamp).toBeDefined();
    await eventually(async () => expect(await plane.find('v1', 'Pod', 'stuck')).toBeUndefined());
  });
});

describe.concurrent('a deploy onto pods that kwok runs', () => {
  it('is up, is changed, and leaves nothing', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    await deploy(deployer, name, [byKwok(aDeployment('web', image('slow'))), byKwok(aJob('seed'))]);
    const selection = { namespace, labelSelector: 'berth.test/run-by=kwok' };
    const { objects } = await cluster.operator.list('v1', 'Pod', selection);
    expect(new Set(objects.map((pod) => statusOf(pod)?.phase))).toEqual(new Set(['Running', 'Succeeded']));
    await deploy(deployer, name, [byKwok(aDeployment('web', image('2.0')))]);
    await tearDown(deployer, name);
    expect(await cluster.operator.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
  });

  it.each<[string, KubernetesObject, RegExp]>([
    [
      'ImageNotFound',
      aDeployment('web', image('missing')),
      /^Pod\/web-\S+: image \S+:missing of container web was not found$/,
    ],
    ['ImageNotFound', aDeployment('web', 'Not A Name'), /no valid image name$/],
    ['ImagePullDenied', aDeployment('web', image('denied')), /may not be pulled: .*authorization failed$/],
    ['ConfigMissing', aDeployment('web', image('no-config')), /secret "absent" not found$/],
    ['CrashLoop', aDeployment('web', image('crash')), /container web ends with exit code 1, 3 restarts$/],
    ['CrashLoop', aDeployment('web', image('oom')), /more memory than its limit, 3 restarts$/],
    ['CrashLoop', aJob('seed', image('exit-1'), { backoffLimit: 0 }), /^Job\/seed: failed: /],
  ])('fails with %s', async (code, object, message) => {
    const error = await failing(aDeployer(cluster.client), [byKwok(object)]);
    expect([error.name, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('is told what the readiness probe said when its time is over', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    let offset = 0;
    deployer.deps.now = () => Date.now() + offset;
    const failure = failing(deployer, [byKwok(aDeployment('web', image('never-ready')))], [], name);
    await eventually(async () => {
      const { objects } = await cluster.operator.list('v1', 'Event', { namespace: `stg-${name}` });
      expect(objects).toContainEqual(expect.objectContaining({ reason: 'Unhealthy' }));
    });
    offset = 60_000;
    const error = await failure;
    expect([error.name, error.message]).toEqual([
      'TimedOut',
      expect.stringMatching(/^Deployment\/web: not ready in time: 0 of 1 pods available \(Readiness probe failed: /),
    ]);
  });
});
