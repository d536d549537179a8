import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import { diagnose } from '../../lambdas/actions/diagnose.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { KubernetesError } from '../../lambdas/cluster/errors.ts';
import { readInventory } from '../../lambdas/cluster/keep-inventory.ts';
import type { Hook, KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  aConfigMap,
  aDeployer,
  aDeployment,
  aHook,
  aJob,
  anIngress,
  aService,
  aStatefulSet,
  freshName,
  image,
} from '../support/deploys.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

type Deployer = ReturnType<typeof aDeployer>;
const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

/** The client of somebody who has no right to read a kind. */
function withoutReading(kind: string): KubernetesClient {
  const { client } = cluster;
  const refuse = () => new KubernetesError(403, 'Forbidden', `${kind} is forbidden`, []);
  return {
    ...client,
    get: (ref) => (ref.kind === kind ? Promise.reject(refuse()) : client.get(ref)),
    list: (...given) => (given[1] === kind ? Promise.reject(refuse()) : client.list(...given)),
  };
}

/** Applies and awaits, as the state machine would: again and again until it is decided. */
async function deploy(deployer: Deployer, name: string, objects: KubernetesObject[], hooks: Hook[] = []) {
  const acting = deployer.requestDeploy(name, objects, hooks);
  let rounds = 0;
  for (;;) {
    while (!(await applyWorkload(deployer.deps, acting)).done) rounds += 1;
    const { verdict } = await awaitHealthy(deployer.deps, acting);
    if (verdict === 'healthy') return { rounds };
    rounds += 1;
  }
}

async function tearDown(deployer: Deployer, name: string) {
  const acting = deployer.requestTeardown(name);
  while (!(await deleteWorkload(deployer.deps, acting)).done);
}

/** What a deploy that can't go well throws. */
const failing = (deployer: Deployer, objects: KubernetesObject[], hooks: Hook[] = []) =>
  deploy(deployer, freshName(), objects, hooks).then(
    () => {
      throw new Error('it went well');
    },
    (error: Error) => error,
  );

describe.concurrent('a deploy that goes well', () => {
  it('brings everything up, shows it, and takes it away again', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const objects = [
      aConfigMap('settings'),
      aDeployment('web'),
      aStatefulSet('database'),
      aService('web'),
      anIngress('web'),
      aJob('seed'),
    ];
    await deploy(deployer, name, objects);

    const view = await showWorkload(deployer.deps, name);
    expect(view.objects.map(({ object, isReady }) => [object, isReady])).toEqual(
      expect.arrayContaining([
        ['ConfigMap/settings', true],
        ['Deployment/web', true],
        ['StatefulSet/database', true],
        ['Service/web', true],
        ['Ingress/web', true],
        ['Job/seed', true],
      ]),
    );
    expect(view).toMatchObject({ generation: 1, appliedGeneration: 1, namespace: `stg-${name}`, isCut: false });
    expect(view.objects.find(({ object }) => object === 'Deployment/web')?.images).toEqual([image('1.0')]);
    expect(view.pods.filter(({ isReady }) => isReady).length).toBe(3);
    expect(deployer.progress.at(-1)).toMatchObject({ ready: 5, total: 5, message: 'all is ready' });

    await tearDown(deployer, name);
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeUndefined();
  });

  it('marks namespace and objects as its own, with their generation', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    await deploy(deployer, name, [aConfigMap('settings')]);
    const namespace = await get('v1', 'Namespace', `stg-${name}`);
    expect(namespace?.metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'berth',
      'berth.dev/staging': name,
      'berth.dev/installation': 'berth-test',
      'pod-security.kubernetes.io/enforce': 'baseline',
    });
    for (const object of [
      namespace,
      await get('v1', 'ConfigMap', 'settings', `stg-${name}`),
      await get('v1', 'ResourceQuota', 'berth', `stg-${name}`),
      await get('v1', 'LimitRange', 'berth', `stg-${name}`),
      await get('networking.k8s.io/v1', 'NetworkPolicy', 'berth', `stg-${name}`),
      await get('v1', 'ConfigMap', 'berth-inventory', `stg-${name}`),
    ]) {
      expect(object?.metadata.annotations?.['berth.dev/generation']).toBe('2');
      expect(object?.metadata.labels?.['berth.dev/staging']).toBe(name);
    }
  });

  it('changes to another image, and is not held up by the pods of a revision that failed', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await expect(deploy(deployer, name, [aDeployment('web', image('crash'))])).rejects.toThrow(
      /exit code 1, 3 restarts/,
    );
    await deploy(deployer, name, [aDeployment('web', image('2.0'))]);
    expect((await showWorkload(deployer.deps, name)).objects[0]).toMatchObject({
      isReady: true,
      images: [image('2.0')],
    });
  });

  it('removes what is no longer wanted, and keeps what others put there', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    await deploy(deployer, name, [aConfigMap('one'), aConfigMap('two')]);
    await cluster.operator.create({ ...aConfigMap('theirs'), metadata: { name: 'theirs', namespace } });
    await deploy(deployer, name, [aConfigMap('two')]);
    expect(await get('v1', 'ConfigMap', 'one', namespace)).toBeUndefined();
    expect(await get('v1', 'ConfigMap', 'two', namespace)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'theirs', namespace)).toBeDefined();
  });

  it('writes and removes Secrets without reading them', async () => {
    const deployer = aDeployer(withoutReading('Secret'));
    const name = freshName();
    const secret = (of: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: of },
      stringData: { key: 'x' },
    });
    await deploy(deployer, name, [secret('one'), secret('two')], [aHook(secret('hooked'))]);
    await deploy(deployer, name, [secret('two')]);
    expect(await get('v1', 'Secret', 'one', `stg-${name}`)).toBeUndefined();
    expect(await get('v1', 'Secret', 'two', `stg-${name}`)).toBeDefined();
    expect((await showWorkload(deployer.deps, name)).objects).toMatchObject([{ object: 'Secret/two', isReady: true }]);
  });

  it('forces the namespace, and takes lists apart', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      metadata: {},
      items: [{ ...aConfigMap('inner'), metadata: { name: 'inner', namespace: 'kube-system' } }],
    };
    await deploy(deployer, name, [list]);
    expect(await get('v1', 'ConfigMap', 'inner', `stg-${name}`)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'inner', 'kube-system')).toBeUndefined();
  });

  it('makes a Job again whose template has changed, since nothing else can change it', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aJob('seed')]);
    await deploy(deployer, name, [aJob('seed', image('2.0'))]);
    const view = await showWorkload(deployer.deps, name);
    expect(view.objects[0]).toMatchObject({ object: 'Job/seed', isReady: true, images: [image('2.0')] });
  });

  it('deploys 200 objects in bounded time, with an inventory of some kilobytes', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const objects = Array.from({ length: 195 }, (_, index) => aConfigMap(`settings-of-the-product-${index}`));
    const started = performance.now();
    await deploy(deployer, name, [...objects, ...['a', 'b', 'c', 'd', 'e'].map((each) => aDeployment(each))]);
    expect(performance.now() - started).toBeLessThan(10_000);
    const inventory = await get('v1', 'ConfigMap', 'berth-inventory', `stg-${name}`);
    expect(JSON.stringify(inventory).length).toBeLessThan(16 * 1024);
    expect((await readInventory(cluster.client, `stg-${name}`)).refs).toHaveLength(200);
  });

  it('defines a kind, and then makes an object of it', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const group = `${name}.example.com`;
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'one' }, spec: { size: 1 } };
    const allowed = aDeployer(cluster.client, {
      blueprint: aBlueprint({ clusterScoped: ['CustomResourceDefinition'] }),
    });
    await deploy(allowed, name, [widget, definition]);
    expect(await get(`${group}/v1`, 'Widget', 'one', `stg-${name}`)).toBeDefined();
    expect((await failing(deployer, [definition])).message).toMatch(/CustomResourceDefinition.* is cluster-scoped/);
    await cluster.operator.remove({
      apiVersion: definition.apiVersion,
      kind: definition.kind,
      name: definition.metadata.name,
    });
  });
});

describe.concurrent('a deploy that goes wrong', () => {
  const impatient = () =>
    aDeployer(cluster.client, { blueprint: aBlueprint({ health: { timeout: '3s', unschedulableGrace: '1s' } }) });

  it.each([
    [
      'ImageNotFound',
      [aDeployment('web', image('missing'))],
      /^Pod\/web-\S+: image \S+:missing of container web was not found$/,
    ],
    ['ImagePullDenied', [aDeployment('web', image('denied'))], /may not be pulled/],
    ['ImageNotFound', [aDeployment('web', 'Not A Name')], /no valid image name/],
    ['CrashLoop', [aDeployment('web', image('crash'))], /container web ends with exit code 1, 3 restarts$/],
    ['CrashLoop', [aDeployment('web', image('oom'))], /more memory than its limit/],
    ['CrashLoop', [aJob('seed', image('exit-1'))], /^Job\/seed: failed: /],
    ['ImageNotFound', [aStatefulSet('database', image('missing'))], /^Pod\/database-0: /],
  ])('names %s', async (name, objects, message) => {
    const error = await failing(aDeployer(cluster.client), objects);
    expect([error.name, error.message]).toEqual([name, expect.stringMatching(message)]);
  });

  it('names what is not ready when the time is over', async () => {
    const error = await failing(impatient(), [aDeployment('web', image('never-ready'))]);
    expect([error.name, error.message]).toEqual([
      'TimedOut',
      // And, where it has come by then, what the cluster said last.
      expect.stringMatching(
        /^Deployment\/web: not ready in time: 0 of 1 pods available( \(Readiness probe failed: .*\))?$/,
      ),
    ]);
  });

  it('names a missing Secret at once', async () => {
    const container = { name: 'web', image: image('1.0'), envFrom: [{ secretRef: { name: 'absent' } }] };
    const error = await failing(aDeployer(cluster.client), [withContainer(container)]);
    expect([error.name, error.message]).toEqual(['ConfigMissing', expect.stringContaining('absent')]);
  });

  it('names the quota that is used up, at once', async () => {
    const container = { name: 'web', image: image('1.0'), resources: { requests: { cpu: '40' } } };
    const error = await failing(aDeployer(cluster.client), [withContainer(container)]);
    expect([error.name, error.message]).toEqual(['QuotaExceeded', expect.stringMatching(/exceeded quota/)]);
  });

  it('names the pod that no node can take, after a grace', async () => {
    const spec = { nodeSelector: { 'example.com/none': 'yes' }, containers: [{ name: 'web', image: image('1.0') }] };
    const error = await failing(impatient(), [withPod(spec)]);
    expect([error.name, error.message]).toEqual([
      'Unschedulable',
      expect.stringMatching(/^Pod\/web-\S+: no node can take it/),
    ]);
  });

  it('says of all objects what is wrong with them, and writes none of them where they are not in order', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'all' },
      rules: [],
    };
    const alien = { apiVersion: 'nowhere.example.com/v1', kind: 'Alien', metadata: { name: 'et' } };
    const error = await deploy(deployer, name, [aConfigMap('fine'), role, alien]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'ApplyRejected',
      message:
        "ClusterRole/all: is cluster-scoped, and the blueprint doesn't list ClusterRole under clusterScoped; " +
        "Alien/et: the cluster doesn't serve Alien of nowhere.example.com/v1",
    });
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeUndefined();
  });

  it('names each object that the API server refuses, with its fields', async () => {
    const unknownField = aDeployment('web', image('1.0'), { replicsa: 2 });
    const error = await failing(aDeployer(cluster.client), [unknownField]);
    expect([error.name, error.message]).toEqual([
      'ApplyRejected',
      expect.stringMatching(/^Deployment\/web: .*replicsa/),
    ]);
  });

  it('names the field that cannot be changed', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    const moved = aDeployment('web', image('1.0'), {
      selector: { matchLabels: { app: 'moved' } },
      template: { ...Object(aDeployment('web').spec).template, metadata: { labels: { app: 'moved' } } },
    });
    const error = await deploy(deployer, name, [moved]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'ApplyRejected',
      message: expect.stringMatching(/^Deployment\/web: spec.selector: .*immutable/),
    });
  });

  it('leaves a namespace alone that is somebody else’s', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await cluster.operator.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `stg-${name}` } });
    const error = await deploy(deployer, name, [aConfigMap('settings')]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ApplyRejected', message: expect.stringContaining('exists already') });
    await tearDown(deployer, name);
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeDefined();
  });

  it('diagnoses with events, exit code and the last words of the container', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const caught = await deploy(deployer, name, [aDeployment('web', image('crash'))]).catch((error: Error) => error);
    const { name: Error, message } = caught as Error;
    const cause = JSON.stringify({ errorType: Error, errorMessage: message, trace: [] });
    const { failure } = await diagnose(deployer.deps, name, { Error, Cause: cause });
    expect(failure.reason).toMatchObject({ code: 'CrashLoop', object: expect.stringMatching(/^Pod\/web-/) });
    expect(failure.diagnosis?.containers[0]).toMatchObject({ container: 'web', exitCode: 1 });
    expect(failure.diagnosis?.containers[0]?.logs.length).toBeGreaterThan(0);
    expect(failure.diagnosis?.events.map(({ reason }) => reason)).toContain('BackOff');
  });
});

describe.concurrent('hooks', () => {
  const namesOf = async (namespace: string) =>
    (await cluster.client.list('batch/v1', 'Job', { namespace })).objects
      .map(({ metadata }) => metadata.name)
      .toSorted((a = '', b = '') => a.localeCompare(b));

  it('run before the objects in order of weight, once per generation, and again for the next', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hooks = [
      aHook(aJob('second'), { weight: 5 }),
      aHook(aJob('first'), { weight: -5, deletePolicies: ['hook-succeeded'] }),
      aHook(aJob('afterwards'), { phases: ['post-upgrade'] }),
    ];
    await deploy(deployer, name, [aDeployment('web')], hooks);
    expect(await namesOf(`stg-${name}`)).toEqual(['second']);
    const before = await get('batch/v1', 'Job', 'second', `stg-${name}`);
    expect(before?.metadata.annotations?.['berth.dev/hook']).toBe('pre-install');
    await deploy(deployer, name, [aDeployment('web')], hooks);
    expect(await namesOf(`stg-${name}`)).toEqual(['afterwards', 'second']);
    const after = await get('batch/v1', 'Job', 'second', `stg-${name}`);
    expect(after?.metadata.annotations?.['berth.dev/hook']).toBe('pre-upgrade');
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    // How often is up to the few renderings that are kept, and to the tests beside this one.
    expect([...new Set(deployer.rendered.map(({ isUpgrade }) => isUpgrade))]).toEqual([false, true]);
  });

  it('fail the deploy with the last words of their log, and nothing after them is applied', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hook = aHook(aJob('migrate', image('exit-1')), { deletePolicies: ['before-hook-creation', 'hook-failed'] });
    const error = await deploy(deployer, name, [aDeployment('web')], [hook]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'HookFailed',
      message: expect.stringMatching(/^Job\/migrate: failed: .*last words: /),
    });
    expect(await get('apps/v1', 'Deployment', 'web', `stg-${name}`)).toBeUndefined();
    expect(await namesOf(`stg-${name}`)).toEqual([]);
  });

  it('fail with their own cause where they have one', async () => {
    const error = await failing(aDeployer(cluster.client), [], [aHook(aJob('migrate', image('missing')))]);
    expect(error.name).toBe('ImageNotFound');
  });

  it('may take longer than one invocation, and are neither run again nor forgotten', async () => {
    const deployer = aDeployer(cluster.client, { budget: 150 });
    const name = freshName();
    const { rounds } = await deploy(deployer, name, [aDeployment('web')], [aHook(aJob('one')), aHook(aJob('two'))]);
    expect(rounds).toBeGreaterThan(2);
    const jobs = await cluster.client.list('batch/v1', 'Job', { namespace: `stg-${name}` });
    expect(jobs.objects.map(({ metadata }) => metadata.generation ?? 1)).toEqual([1, 1]);
    const pods = await cluster.client.list('v1', 'Pod', { namespace: `stg-${name}`, labelSelector: 'job-name' });
    expect(pods.objects).toHaveLength(2);
  });

  it('that are removed once they succeeded are remembered by more than their object', async () => {
    const applied: string[] = [];
    const counting: KubernetesClient = {
      ...cluster.client,
      apply: (object) => {
        applied.push(object.metadata.name ?? '');
        return cluster.client.apply(object);
      },
    };
    const deployer = aDeployer(counting, { budget: 150 });
    const once = aHook(aJob('once'), { deletePolicies: ['hook-succeeded'], weight: -1 });
    const { rounds } = await deploy(deployer, freshName(), [aDeployment('web')], [once, aHook(aJob('later'))]);
    expect(rounds).toBeGreaterThan(2);
    expect(applied.filter((name) => name === 'once')).toHaveLength(1);
  });

  it('run around the end of a staging, and cannot keep it forever', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hooks = [
      aHook(aJob('farewell'), { phases: ['pre-delete'] }),
      aHook(aJob('clean-up', image('exit-1')), { phases: ['post-delete'] }),
    ];
    await deploy(deployer, name, [aDeployment('web')], hooks);
    await expect(tearDown(deployer, name)).rejects.toThrow(/^Job\/clean-up: failed/);
    const { ranHooks } = await readInventory(cluster.client, `stg-${name}`);
    expect(ranHooks).toEqual(['pre-delete:Job/farewell']);
    expect(await get('apps/v1', 'Deployment', 'web', `stg-${name}`)).toBeUndefined();

    deployer.change(name, (staging) => ({ ...staging, status: 'DeleteFailed', teardownFailures: 3 }));
    await tearDown(deployer, name);
    expect(await get('v1', 'Namespace', `stg-${name}`)).toBeUndefined();
    expect(deployer.warnings).toContain('hooks of the teardown are left out after failed tries');
  });
});

describe.concurrent('the fence', () => {
  it('stops a deploy whose generation is no longer the newest, while it watches', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aDeployment('web', image('never-ready'))]);
    await applyWorkload(deployer.deps, acting);
    const watching = awaitHealthy(deployer.deps, acting);
    deployer.requestDeploy(name, [aDeployment('web', image('2.0'))]);
    await expect(watching).rejects.toMatchObject({ name: 'Superseded', newest: 2 });
  });

  it('keeps an older generation from writing where a newer one has been', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings', { of: 'first' })]);
    const older = deployer.staging(name);
    await deploy(deployer, name, [aConfigMap('settings', { of: 'second' })]);
    // The record as a reader with an old answer has it: only the cluster knows better.
    const late = { ...deployer.deps, stagings: { get: async () => older } };
    await expect(applyWorkload(late, { name, generation: 1 })).rejects.toMatchObject({ name: 'Superseded' });
    await expect(awaitHealthy(late, { name, generation: 1 })).rejects.toMatchObject({ name: 'Superseded' });
    const found = await get('v1', 'ConfigMap', 'settings', `stg-${name}`);
    expect(found).toMatchObject({ data: { of: 'second' } });
  });

  it('is kept by the API server itself against a write that was frozen half-way', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings', { of: 'first' })]);
    await deploy(deployer, name, [aConfigMap('settings', { of: 'second' })]);
    const metadata = { name: 'settings', namespace: `stg-${name}`, annotations: { 'berth.dev/generation': '1' } };
    const late = { ...aConfigMap('settings', { of: 'first' }), metadata };
    await expect(cluster.client.apply(late)).rejects.toThrow(/generation 1 is older than the namespace, which is at 2/);
  });

  it('applies again what is missing, inert or not', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    const acting = deployer.requestDeploy(name, [aConfigMap('settings'), aDeployment('web')]);
    await applyWorkload(deployer.deps, acting);
    await cluster.operator.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' });
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'reapply' });
    await applyWorkload(deployer.deps, acting);
    await cluster.operator.remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' });
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'reapply' });
    await applyWorkload(deployer.deps, acting);
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'healthy' });
  });

  it('answers that it still waits when its budget is over', async () => {
    const deployer = aDeployer(cluster.client, { budget: 100 });
    const acting = deployer.requestDeploy(freshName(), [aDeployment('web', image('never-ready'))]);
    await applyWorkload(deployer.deps, acting);
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'waiting' });
  });
});

describe.concurrent('a teardown', () => {
  const held = (name: string, namespace: string): KubernetesObject => ({
    ...aConfigMap(name),
    metadata: { name, namespace, finalizers: ['example.com/hold'] },
  });

  it('waits in several invocations, and names what holds it when it takes too long', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { budget: 300, now: () => Date.now() + offset });
    const name = freshName();
    const namespace = `stg-${name}`;
    await deploy(deployer, name, [aConfigMap('settings')]);
    await cluster.operator.create(held('treasure', namespace));
    const acting = deployer.requestTeardown(name);
    expect(await deleteWorkload(deployer.deps, acting)).toEqual({ done: false });
    offset = 11 * 60_000;
    await expect(deleteWorkload(deployer.deps, acting)).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(/^ConfigMap\/treasure: is held by example.com\/hold; /),
    });
    const found = await get('v1', 'ConfigMap', 'treasure', namespace);
    expect(found?.metadata.finalizers).toEqual(['example.com/hold']);
  });

  it('is done where there is nothing', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    deployer.requestDeploy(name, []);
    expect(await deleteWorkload(deployer.deps, deployer.requestTeardown(name))).toEqual({ done: true });
  });

  it('takes the cluster-scoped objects with it, and nobody else’s', async () => {
    const name = freshName();
    const blueprint = aBlueprint({ clusterScoped: ['ClusterRole'] });
    const deployer = aDeployer(cluster.client, { blueprint });
    const role = (of: string) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: of },
      rules: [],
    });
    await cluster.operator.create(role(`${name}-theirs`));
    expect((await failing(deployer, [role(`${name}-theirs`)])).message).toMatch(/isn't Berth's/);
    await deploy(deployer, name, [role(`${name}-ours`), role(`${name}-lost`)]);
    const taken = role(`${name}-lost`);
    await cluster.operator.apply({
      ...taken,
      metadata: {
        ...taken.metadata,
        labels: { 'app.kubernetes.io/managed-by': 'berth', 'berth.dev/staging': 'another' },
      },
    });
    await tearDown(deployer, name);
    expect(await get('rbac.authorization.k8s.io/v1', 'ClusterRole', `${name}-lost`)).toBeDefined();
    expect(await get('rbac.authorization.k8s.io/v1', 'ClusterRole', `${name}-ours`)).toBeUndefined();
    expect(await get('rbac.authorization.k8s.io/v1', 'ClusterRole', `${name}-theirs`)).toBeDefined();
  });

  it('makes room for a deploy of the same name, which waits for it', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    await cluster.operator.remove({ apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` });
    await deploy(deployer, name, [aDeployment('web', image('2.0'))]);
    expect((await showWorkload(deployer.deps, name)).objects[0]?.isReady).toBe(true);
  });
});

const withPod = (spec: object): KubernetesObject =>
  aDeployment('web', undefined, { template: { metadata: { labels: { app: 'web' } }, spec } });
const withContainer = (container: object): KubernetesObject => withPod({ containers: [container] });
