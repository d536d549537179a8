import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { deploy, failing, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, freshName, image } from '../support/deploys.ts';
import { aClusterRole } from '../support/objects.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

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
    await cluster.operator.create(aClusterRole(`${name}-theirs`));
    expect((await failing(deployer, [aClusterRole(`${name}-theirs`)])).message).toMatch(/isn't Berth's/);
    await deploy(deployer, name, [aClusterRole(`${name}-ours`), aClusterRole(`${name}-lost`)]);
    const taken = aClusterRole(`${name}-lost`);
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
