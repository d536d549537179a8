import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { aJob } from '../support/deploys.ts';
import { aPod, eventually, openPlane, type Plane, statusOf } from './plane.ts';

let plane: Plane;
beforeAll(async () => {
  plane = await openPlane();
});
afterAll(() => plane.close());

const status = async (name: string) => statusOf(await plane.find('v1', 'Pod', name));
const container = async (name: string) => (await status(name))?.containerStatuses?.[0];
const readiness = { readinessProbe: { httpGet: { path: '/', port: 80 } } };

/** Every reason for which the container of a new pod waits, in the order in which they come, until there are so many. */
async function waitingReasons(pod: KubernetesObject, count: number): Promise<string[]> {
  const seen: string[] = [];
  const ending = new AbortController();
  const selection = { namespace: plane.namespace, fieldSelector: `metadata.name=${pod.metadata.name}` };
  for await (const event of plane.client.watch('v1', 'Pod', selection, ending.signal)) {
    const objects = event.type === 'snapshot' ? event.objects : [event.object];
    // Made under the eyes of the watch: the first reason is over in a tenth of a second.
    if (objects.length === 0) await plane.create(pod);
    for (const object of objects) {
      const reason = statusOf(object)?.containerStatuses?.[0]?.state['waiting']?.reason ?? '';
      if (reason !== '' && reason !== seen.at(-1)) seen.push(reason);
    }
    if (seen.length >= count) ending.abort();
  }
  return seen;
}

describe.concurrent('a pod', () => {
  it('becomes Ready, with an address, on one of the nodes', async () => {
    await plane.create(aPod('plain', '1.0', readiness));
    await eventually(async () =>
      expect(await status('plain')).toMatchObject({
        phase: 'Running',
        podIP: expect.stringMatching(/^10\./),
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
        containerStatuses: [{ ready: true, restartCount: 0 }],
      }),
    );
    const pod = await plane.find('v1', 'Pod', 'plain');
    expect(Object(pod?.spec).nodeName).toMatch(/^node-\d$/);
  });

  it('whose image is missing goes back and forth between the failed pull and the wait for the next', async () => {
    expect(await waitingReasons(aPod('missing', 'missing'), 5)).toEqual([
      'ContainerCreating',
      'ErrImagePull',
      'ImagePullBackOff',
      'ErrImagePull',
      'ImagePullBackOff',
    ]);
    await eventually(async () =>
      expect(await plane.events('missing')).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ reason: 'Failed', message: expect.stringMatching(/: not found$/) }),
          expect.objectContaining({ reason: 'Failed', message: 'Error: ImagePullBackOff' }),
          expect.objectContaining({ reason: 'BackOff', message: expect.stringMatching(/^Back-off pulling image/) }),
        ]),
      ),
    );
  });

  it.each([
    ['denied', 'registry.example.com/web:denied', /^(ErrImagePull|ImagePullBackOff)$/, /authorization failed/],
    ['invalid', 'Not A Name', /^InvalidImageName$/, /invalid reference format/],
  ])('whose image is %s says so', async (name, image, reason, message) => {
    await plane.create(aPod(name, '', { image }));
    await eventually(async () =>
      expect((await container(name))?.state['waiting']).toMatchObject({
        reason: expect.stringMatching(reason),
        message: expect.stringMatching(message),
      }),
    );
  });

  it('waits for its Secret and the key in it, and starts once both are there', async () => {
    const secretKeyRef = { name: 'late', key: 'password' };
    await plane.create(aPod('config', '1.0', { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef } }] }));
    const waiting = () => container('config').then((found) => found?.state['waiting']);
    await eventually(async () =>
      expect(await waiting()).toMatchObject({
        reason: 'CreateContainerConfigError',
        message: 'secret "late" not found',
      }),
    );
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late' } };
    await plane.create(secret);
    await eventually(async () =>
      expect(await waiting()).toMatchObject({
        message: expect.stringMatching(/^couldn't find key password in Secret/),
      }),
    );
    const metadata = { name: 'late', namespace: plane.namespace };
    await plane.client.apply({ ...secret, metadata, stringData: { password: 'x' } });
    await eventually(async () => expect(await container('config')).toMatchObject({ ready: true }));
  });

  it.each([
    ['crash', { exitCode: 1, reason: 'Error' }],
    ['oom', { exitCode: 137, reason: 'OOMKilled' }],
  ])('of the tag %s is restarted, ever later, and remembers how it ended', async (tag, end) => {
    await plane.create(aPod(tag, tag));
    await eventually(async () =>
      expect(await container(tag)).toMatchObject({
        restartCount: 3,
        ready: false,
        state: { waiting: { reason: 'CrashLoopBackOff', message: expect.stringMatching(/^back-off 40s restarting/) } },
        lastState: { terminated: end },
      }),
    );
    const query = { container: 'web', tailLines: 5, previous: true };
    expect(await plane.client.logs(plane.namespace, tag, query)).toMatch(/^starting registry/);
    await eventually(async () =>
      expect(await plane.events(tag)).toContainEqual(expect.objectContaining({ reason: 'BackOff' })),
    );
  });

  it('that fails its readiness probe runs without ever being ready', async () => {
    await plane.create(aPod('unready', 'never-ready', readiness));
    await eventually(async () =>
      expect(await plane.events('unready')).toContainEqual(
        expect.objectContaining({ reason: 'Unhealthy', message: expect.stringMatching(/statuscode: 503$/) }),
      ),
    );
    expect(await container('unready')).toMatchObject({ ready: false, restartCount: 0, state: { running: {} } });
  });

  it('that is slow runs first and is ready later', async () => {
    await plane.create(aPod('slow', 'slow', readiness));
    await eventually(async () =>
      expect(await container('slow')).toMatchObject({ ready: false, state: { running: {} } }),
    );
    await eventually(async () => expect(await container('slow')).toMatchObject({ ready: true }));
  });

  it('starts its containers after its init containers, one after the other', async () => {
    const init = (name: string, tag: string) => ({ name, image: `registry.example.com/init:${tag}` });
    await plane.create(aPod('init', '1.0', {}, { initContainers: [init('one', '1.0'), init('two', '1.0')] }));
    await plane.create(aPod('held', '1.0', {}, { initContainers: [init('one', 'crash'), init('two', '1.0')] }));
    await eventually(async () =>
      expect(await status('init')).toMatchObject({
        phase: 'Running',
        initContainerStatuses: [
          { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
          { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        ],
      }),
    );
    await eventually(async () =>
      expect(await status('held')).toMatchObject({
        phase: 'Pending',
        initContainerStatuses: [{ restartCount: 2 }, { state: { waiting: { reason: 'PodInitializing' } } }],
        containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
      }),
    );
  });

  it('that no node has room for stays Pending, by the word of the scheduler', async () => {
    await plane.create(aPod('big', '1.0', { resources: { requests: { cpu: '100' } } }));
    await eventually(async () =>
      expect((await status('big'))?.conditions).toContainEqual(
        expect.objectContaining({
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: expect.stringMatching(/^0\/3 nodes are available: 3 Insufficient cpu/),
        }),
      ),
    );
  });

  it('leaves at once, or slowly where its tag says so', async () => {
    await plane.create(aPod('quick', '1.0'));
    await plane.create(aPod('stuck', 'stuck-terminating', {}, { terminationGracePeriodSeconds: 6 }));
    await eventually(async () => expect(await container('stuck')).toMatchObject({ ready: true }));
    await eventually(async () => expect(await container('quick')).toMatchObject({ ready: true }));
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: plane.namespace };
    await plane.client.remove({ ...ref, name: 'stuck' });
    await plane.client.remove({ ...ref, name: 'quick' });
    await eventually(async () => expect(await plane.find('v1', 'Pod', 'quick')).toBeUndefined());
    expect((await plane.find('v1', 'Pod', 'stuck'))?.metadata.deletionTimestamp).toBeDefined();
    await eventually(async () => expect(await plane.find('v1', 'Pod', 'stuck')).toBeUndefined());
  });
});

describe.concurrent('a Job', () => {
  const conditions = async (name: string) => Object((await plane.find('batch/v1', 'Job', name))?.['status']).conditions;

  it('is complete when its pod has done its work', async () => {
    await plane.create(aJob('seed'));
    await eventually(async () =>
      expect(await conditions('seed')).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' })),
    );
  });

  it('fails once its pods have failed as often as it allows', async () => {
    await plane.create(aJob('failing', 'registry.example.com/task:exit-1', { backoffLimit: 0 }));
    await eventually(async () =>
      expect(await conditions('failing')).toContainEqual(
        expect.objectContaining({ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }),
      ),
    );
    const [pod] = await plane.pods('job-name=failing');
    expect(statusOf(pod)).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 1 } } }],
    });
  });
});
