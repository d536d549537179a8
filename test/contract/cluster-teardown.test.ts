import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { type ObjectRef, refOf } from '../../lambdas/domain/object-ref.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, anIngress, aService, freshName, image } from '../support/deploys.ts';
import { aClaim, aClusterRole, aWidget, aWidgetDefinition, claimed, withContainer } from '../support/objects.ts';
import { inNamespace, release, writeAs } from '../support/other-writers.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

/** Milliseconds that one invocation of a teardown waits which is to be found waiting. */
const shortBudget = 400;

const group = `${freshName()}.example.com`;
const blueprint = aBlueprint({ clusterScoped: ['CustomResourceDefinition'] });

const balanced = (name: string): KubernetesObject => {
  const service = aService(name);
  return { ...service, spec: { ...Object(service.spec), type: 'LoadBalancer' } };
};

/** What a controller of the cloud holds until it has given back what it made outside of the cluster. */
const balancer = 'cloud.example.com/balancer';
async function finalizersOf(ref: ObjectRef): Promise<string[]> {
  return (await cluster.operator.get(ref))?.metadata.finalizers ?? [];
}
const writeFinalizers = (ref: ObjectRef, finalizers: string[]): Promise<void> =>
  writeAs(cluster, ref, { metadata: { finalizers } }, { manager: 'cloud' });
const hold = async (ref: ObjectRef): Promise<void> => writeFinalizers(ref, [...(await finalizersOf(ref)), balancer]);
/** The last to let go: what another holds at the same time could come back with our write, which is refused. */
const letGo = async (ref: ObjectRef): Promise<void> => {
  await until(async () => (await finalizersOf(ref)).every((one) => one === balancer));
  await writeFinalizers(ref, []);
};

/** A pod that its node no longer stops gracefully. */
const killed = (pod: KubernetesObject) =>
  cluster.transport.json({
    method: 'DELETE',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
  });

/** A namespace's own controller says what it meets some seconds after the deletion. */
const isToldBy = (name: string, words: string): Promise<void> =>
  until(async () => {
    const namespace = await get('v1', 'Namespace', name);
    return JSON.stringify(namespace?.['status']).includes(words);
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
    await isToldBy(namespace, 'configmaps. has 1 resource instances');
    offset = 11 * 60_000;
    await expect(deleteWorkload(deployer.deps, acting)).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(/^ConfigMap\/treasure: is held by example.com\/hold; /),
    });
    const found = await get('v1', 'ConfigMap', 'treasure', namespace);
    expect(found?.metadata.finalizers).toEqual(['example.com/hold']);
    if (found) await release(cluster, refOf(found));
    offset = 0;
    while (!(await deleteWorkload(deployer.deps, acting)).done);
    expect(await get('v1', 'Namespace', namespace)).toBeUndefined();
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

  it('leaves no cluster-scoped object that was to be kept when the product had no use for it any more', async () => {
    const name = freshName();
    const deployer = aDeployer(cluster.client, { blueprint: aBlueprint({ clusterScoped: ['ClusterRole'] }) });
    const role = aClusterRole(`${name}-kept`);
    const annotations = { 'helm.sh/resource-policy': 'keep' };
    await deploy(deployer, name, [{ ...role, metadata: { ...role.metadata, annotations } }]);
    await deploy(deployer, name, [aConfigMap('settings')]);
    await tearDown(deployer, name);
    expect(await cluster.operator.get(refOf(role))).toBeUndefined();
  });

  it('leaves others’ cluster-scoped custom resources of a kind that the staging has too', async () => {
    const name = freshName();
    const shared = `${name}.example.com`;
    const blueprint = aBlueprint({ clusterScoped: ['CustomResourceDefinition', 'Widget'] });
    const deployer = aDeployer(cluster.client, { blueprint });
    const definition = aWidgetDefinition(shared);
    const clusterWide = { ...definition, spec: { ...Object(definition['spec']), scope: 'Cluster' } };
    await deploy(deployer, name, [clusterWide, aWidget(shared, 'ours')]);
    await cluster.operator.create(aWidget(shared, 'theirs'));
    await tearDown(deployer, name);
    expect(await get(`${shared}/v1`, 'Widget', 'ours')).toBeUndefined();
    expect(await get(`${shared}/v1`, 'Widget', 'theirs')).toBeDefined();
    await cluster.operator.remove(refOf(definition));
  });

  it('makes room for a deploy of the same name, which waits for it', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    await cluster.operator.remove({ apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` });
    await deploy(deployer, name, [aDeployment('web', image('2.0'))]);
    expect((await showWorkload(deployer.deps, name)).objects[0]?.isReady).toBe(true);
  });

  it('waits for what the cloud has to give back before it stops what runs, and names who holds it', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { now: () => Date.now() + offset, blueprint });
    const name = freshName();
    const namespace = `stg-${name}`;
    const outside = [balanced('outside'), anIngress('outside'), aWidget(group, 'outside')];
    await deploy(deployer, name, [aWidgetDefinition(group), aDeployment('web'), ...outside]);
    deployer.deps.budget = shortBudget;
    const refs = outside.map((object) => refOf(inNamespace(object, namespace)));
    for (const ref of refs) await hold(ref);

    const acting = deployer.requestTeardown(name);
    expect(await deleteWorkload(deployer.deps, acting)).toEqual({ done: false });
    for (const ref of refs) expect((await cluster.operator.get(ref))?.metadata.deletionTimestamp).toBeDefined();
    offset = 11 * 60_000;
    for (const ref of refs) {
      await expect(deleteWorkload(deployer.deps, acting)).rejects.toMatchObject({
        name: 'TeardownStuck',
        message: expect.stringMatching(`^${ref.kind}/outside: is held by .*cloud.example.com/balancer`),
      });
      expect(await get('apps/v1', 'Deployment', 'web', namespace)).toBeDefined();
      await letGo(ref);
      await until(async () => (await cluster.operator.get(ref)) === undefined);
    }
    offset = 0;
    while (!(await deleteWorkload(deployer.deps, acting)).done);
    expect(await get('v1', 'Namespace', namespace)).toBeUndefined();
    await cluster.operator.remove(refOf(aWidgetDefinition(group)));
  });

  it('waits for a volume that is still in use, and names the pod that uses it', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { now: () => Date.now() + offset });
    const name = freshName();
    const namespace = `stg-${name}`;
    const lasting = withContainer('web', { image: image('stuck-terminating') }, { volumes: [claimed('data')] });
    await deploy(deployer, name, [aClaim('data'), lasting]);
    deployer.deps.budget = shortBudget;
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'data' };
    expect((await cluster.operator.get(claim))?.metadata.finalizers).toContain('kubernetes.io/pvc-protection');
    const acting = deployer.requestTeardown(name);
    expect(await deleteWorkload(deployer.deps, acting)).toEqual({ done: false });
    expect((await cluster.operator.get(claim))?.metadata.deletionTimestamp).toBeDefined();
    offset = 11 * 60_000;
    await expect(deleteWorkload(deployer.deps, acting)).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(/^Pod\/web-\S+: is still going away$/),
    });
    const { objects } = await cluster.operator.list('v1', 'Pod', { namespace });
    for (const pod of objects) await killed(pod);
    offset = 0;
    while (!(await deleteWorkload(deployer.deps, acting)).done);
    expect(await cluster.operator.get(claim)).toBeUndefined();
  });

  it('names who holds the namespace itself', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { now: () => Date.now() + offset });
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    deployer.deps.budget = shortBudget;
    const ref = { apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` };
    await hold(ref);
    const acting = deployer.requestTeardown(name);
    expect(await deleteWorkload(deployer.deps, acting)).toEqual({ done: false });
    offset = 11 * 60_000;
    await expect(deleteWorkload(deployer.deps, acting)).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(`^Namespace/stg-${name}: is held by cloud.example.com/balancer`),
    });
    await letGo(ref);
  });
});
