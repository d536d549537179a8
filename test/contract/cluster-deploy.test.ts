import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import { until } from '../support/berth-api.ts';
import { deploy, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  aConfigMap,
  aDeployer,
  aDeployment,
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

const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

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
});

describe.concurrent('a full quota', () => {
  const limits = { cpu: '100', memory: '100Gi', pods: 3, storage: '10Gi' };
  const bounded = () => aDeployer(cluster.client, { blueprint: aBlueprint({ limits, health: { timeout: '25s' } }) });

  it('is waited for while an update makes room in it', async () => {
    const deployer = bounded();
    const name = freshName();
    const both = (tag: string) => [aDeployment('web', image(tag)), aDeployment('api', image(tag))];
    await deploy(deployer, name, both('1.0'));
    await deploy(deployer, name, both('2.0'));
    const view = await showWorkload(deployer.deps, name);
    expect(view.objects.map(({ isReady, images }) => [isReady, images])).toEqual([
      [true, [image('2.0')]],
      [true, [image('2.0')]],
    ]);
  });

  it('is waited for while what is no longer wanted goes', async () => {
    const deployer = bounded();
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web', image('1.0'), { replicas: 3 })]);
    await deploy(deployer, name, [aDeployment('api', image('1.0'), { replicas: 3 })]);
    expect((await showWorkload(deployer.deps, name)).objects[0]).toMatchObject({
      object: 'Deployment/api',
      isReady: true,
    });
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
    const refused = () => cluster.client.apply(late).then(String, String);
    // The object knows at once, the namespace as soon as the API server has heard of its new generation.
    await until(async () => {
      const said = await refused();
      expect(said).toContain('generation 1 is older than ');
      return said.includes('generation 1 is older than the namespace, which is at 2');
    });
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
