import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { deploy } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, aHook, aJob, aStatefulSet, freshName } from '../support/deploys.ts';
import { endOf, frozenAt, outdated, type WriteRequest } from '../support/frozen-client.ts';
import { aClusterRole, aSecret } from '../support/objects.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

/** Uids of what is there and stays: what was deleted goes, and what such an object owned goes after it. */
async function standing(name: string): Promise<Record<string, string>> {
  const namespace = `stg-${name}`;
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'PersistentVolumeClaim'],
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'ReplicaSet'],
    ['apps/v1', 'StatefulSet'],
    ['batch/v1', 'Job'],
    ['v1', 'Pod'],
  ];
  const lists = await Promise.all(
    kinds.map(async ([apiVersion = '', kind = '']) => {
      if (kind !== 'Namespace') return (await cluster.operator.list(apiVersion, kind, { namespace })).objects;
      const found = await cluster.operator.get({ apiVersion, kind, name: namespace });
      return found ? [found] : [];
    }),
  );
  const found = new Map(lists.flat().map((object) => [object.metadata.uid ?? '', object]));
  const stays = ({ metadata }: KubernetesObject): boolean =>
    metadata.deletionTimestamp === undefined &&
    (metadata.ownerReferences ?? []).every(({ uid }) => {
      const owner = found.get(uid);
      return owner !== undefined && stays(owner);
    });
  return Object.fromEntries(
    [...found]
      .filter(([, object]) => stays(object))
      .map(([uid, { kind, metadata }]) => [`${kind}/${metadata.name}`, uid]),
  );
}

const product = (): KubernetesObject[] => [
  aConfigMap('settings'),
  aSecret('password'),
  aDeployment('web'),
  aStatefulSet('database'),
];

describe.concurrent('an operation that wakes up after a newer deploy', () => {
  it.each(['Deployment', 'StatefulSet', 'PersistentVolumeClaim', 'Namespace'])(
    'removes nothing of it as a teardown that was frozen before it removed a %s',
    async (kind) => {
      const deployer = aDeployer(cluster.client);
      const name = freshName();
      await deploy(deployer, name, product());
      const acting = deployer.requestTeardown(name);
      const frozen = frozenAt(cluster.client, (ref) => ref.kind === kind);
      const late = endOf(deleteWorkload(outdated(deployer, frozen.client, name), acting));
      await frozen.reached;
      await deploy(deployer, name, product());
      const before = await standing(name);
      expect(Object.keys(before)).toEqual(
        expect.arrayContaining([
          'Deployment/web',
          'StatefulSet/database',
          'PersistentVolumeClaim/data-database-0',
          'Pod/database-0',
          'Secret/password',
        ]),
      );
      frozen.release();
      expect(await late).not.toBe('done');
      expect(await standing(name)).toEqual(before);
    },
  );

  it.each<[string, WriteRequest]>([
    ['ConfigMap', 'remove'],
    ['Secret', 'annotate'],
    ['Secret', 'remove'],
  ])('prunes nothing of it as a deploy that was frozen before the %s’s %s', async (kind, at) => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, product());
    const acting = deployer.requestDeploy(name, [aDeployment('web'), aStatefulSet('database')]);
    const frozen = frozenAt(cluster.client, (ref, request) => ref.kind === kind && request === at);
    const late = endOf(applyWorkload(outdated(deployer, frozen.client, name), acting));
    await frozen.reached;
    await deploy(deployer, name, product());
    const before = await standing(name);
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['ConfigMap/settings', 'Secret/password']));
    frozen.release();
    expect(await late).not.toBe('done');
    expect(await standing(name)).toEqual(before);
  });

  it('removes no hook of it that has the same name', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hook = aHook(aJob('migrate'), { deletePolicies: ['before-hook-creation', 'hook-succeeded'] });
    const kept = aHook(aJob('migrate'));
    await deploy(deployer, name, [aDeployment('web')]);
    const acting = deployer.requestDeploy(name, [aDeployment('web')], [hook]);
    const frozen = frozenAt(cluster.client, (ref) => ref.kind === 'Job');
    const late = endOf(applyWorkload(outdated(deployer, frozen.client, name), acting));
    await frozen.reached;
    await deploy(deployer, name, [aDeployment('web')], [kept]);
    const before = await standing(name);
    expect(Object.keys(before)).toContain('Job/migrate');
    frozen.release();
    expect(await late).not.toBe('done');
    expect(await standing(name)).toEqual(before);
  });

  it('leaves a cluster-scoped object as the newer deploy wrote it', async () => {
    const blueprint = aBlueprint({ clusterScoped: ['ClusterRole'] });
    const deployer = aDeployer(cluster.client, { blueprint });
    const name = freshName();
    const role = aClusterRole(`${name}-role`);
    await deploy(deployer, name, [role]);
    const acting = deployer.requestTeardown(name);
    const frozen = frozenAt(cluster.client, (ref) => ref.kind === 'ClusterRole');
    const late = endOf(deleteWorkload(outdated(deployer, frozen.client, name), acting));
    await frozen.reached;
    await deploy(deployer, name, [role]);
    frozen.release();
    expect(await late).toBe('Superseded');
    const found = await cluster.operator.get({ ...role, name: `${name}-role` });
    expect(found?.metadata).toMatchObject({ annotations: { 'berth.dev/generation': '3' } });
    await cluster.operator.remove({ ...role, name: `${name}-role` });
  });
});

describe('a deploy that wakes up when its staging is gone', () => {
  it('leaves no namespace behind', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, product());
    const frozen = frozenAt(cluster.client, (_ref, request) => request === 'create');
    const late = endOf(applyWorkload({ ...deployer.deps, connect: () => frozen.client }, acting));
    await frozen.reached;
    expect(await deleteWorkload(deployer.deps, deployer.requestTeardown(name))).toEqual({ done: true });
    frozen.release();
    expect(await late).toBe('Superseded');
    // A real namespace takes five seconds at the least to go.
    await expect.poll(() => standing(name), { timeout: 20_000 }).toEqual({});
  });

  it('leaves the namespace to a newer deploy that has taken it up', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, product());
    const frozen = frozenAt(cluster.client, (_ref, request) => request === 'create');
    const late = endOf(applyWorkload({ ...deployer.deps, connect: () => frozen.client }, acting));
    await frozen.reached;
    await deleteWorkload(deployer.deps, deployer.requestTeardown(name));
    await deploy(deployer, name, product());
    const before = await standing(name);
    frozen.release();
    expect(await late).toBe('Superseded');
    expect(await standing(name)).toEqual(before);
  });
});

describe('a removal', () => {
  it('gets through although the controllers change what it removes all the time', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    let meddled = 0;
    const meddling: KubernetesClient = {
      ...cluster.client,
      remove: async (ref, removal) => {
        if (ref.kind === 'Deployment' && meddled < 4) {
          meddled += 1;
          await cluster.operator.annotate(ref, { 'example.com/turn': String(meddled) });
        }
        return cluster.client.remove(ref, removal);
      },
    };
    const acting = deployer.requestTeardown(name);
    expect(await deleteWorkload({ ...deployer.deps, connect: () => meddling }, acting)).toEqual({ done: true });
    expect(meddled).toBe(4);
    expect(await standing(name)).toEqual({});
  });
});
