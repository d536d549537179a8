import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import type { Hook, KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import type { ObjectRef } from '../../lambdas/domain/object-ref.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, aHook, aJob, aStatefulSet, freshName } from '../support/deploys.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

type Deployer = ReturnType<typeof aDeployer>;

async function deploy(deployer: Deployer, name: string, objects: KubernetesObject[], hooks: Hook[] = []) {
  const acting = deployer.requestDeploy(name, objects, hooks);
  for (;;) {
    while (!(await applyWorkload(deployer.deps, acting)).done);
    if ((await awaitHealthy(deployer.deps, acting)).verdict === 'healthy') return;
  }
}

type Request = 'annotate' | 'remove';

/** A client that is frozen at one of its requests: the first that is asked for is sent only when the test lets it go. */
function frozenAt(isIt: (ref: ObjectRef, request: Request) => boolean) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const passing = async (ref: ObjectRef, request: Request): Promise<void> => {
    if (!isIt(ref, request)) return;
    reached.resolve();
    await released.promise;
  };
  const client: KubernetesClient = {
    ...cluster.client,
    annotate: async (ref, annotations) => {
      await passing(ref, 'annotate');
      return cluster.client.annotate(ref, annotations);
    },
    remove: async (ref, removal) => {
      await passing(ref, 'remove');
      return cluster.client.remove(ref, removal);
    },
  };
  return { client, reached: reached.promise, release: () => released.resolve() };
}

/** The deps of an execution that is frozen together with all it knows: the record is what it was when it began. */
const outdated = (deployer: Deployer, client: KubernetesClient, name: string) => {
  const staging = deployer.staging(name);
  const { render } = deployer.deps;
  const rendered = render({ isUpgrade: true } as Parameters<typeof render>[0]);
  return {
    ...deployer.deps,
    connect: () => client,
    stagings: { get: async () => staging },
    render: () => rendered,
  };
};

const settled = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: Error) => error.name,
  );

const aSecret = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { key: 'x' },
});

/** Uids of what is there and stays. */
async function standing(name: string): Promise<Record<string, string>> {
  const namespace = `stg-${name}`;
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['v1', 'PersistentVolumeClaim'],
    ['apps/v1', 'Deployment'],
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
  return Object.fromEntries(
    lists
      .flat()
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.uid ?? '']),
  );
}

describe.concurrent('an operation that wakes up after a newer deploy', () => {
  const product = (): KubernetesObject[] => [
    aConfigMap('settings'),
    aSecret('password'),
    aDeployment('web'),
    aStatefulSet('database'),
  ];

  it.each(['Deployment', 'StatefulSet', 'PersistentVolumeClaim', 'Namespace'])(
    'removes nothing of it as a teardown that was frozen before it removed a %s',
    async (kind) => {
      const deployer = aDeployer(cluster.client);
      const name = freshName();
      await deploy(deployer, name, product());
      const acting = deployer.requestTeardown(name);
      const frozen = frozenAt((ref) => ref.kind === kind);
      const late = settled(deleteWorkload(outdated(deployer, frozen.client, name), acting));
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

  it.each<[string, Request]>([
    ['ConfigMap', 'remove'],
    ['Secret', 'annotate'],
    ['Secret', 'remove'],
  ])('prunes nothing of it as a deploy that was frozen before the %s’s %s', async (kind, at) => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, product());
    const acting = deployer.requestDeploy(name, [aDeployment('web'), aStatefulSet('database')]);
    const frozen = frozenAt((ref, request) => ref.kind === kind && request === at);
    const late = settled(applyWorkload(outdated(deployer, frozen.client, name), acting));
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
    const frozen = frozenAt((ref) => ref.kind === 'Job');
    const late = settled(applyWorkload(outdated(deployer, frozen.client, name), acting));
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
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `${name}-role` },
      rules: [],
    };
    await deploy(deployer, name, [role]);
    const acting = deployer.requestTeardown(name);
    const frozen = frozenAt((ref) => ref.kind === 'ClusterRole');
    const late = settled(deleteWorkload(outdated(deployer, frozen.client, name), acting));
    await frozen.reached;
    await deploy(deployer, name, [role]);
    frozen.release();
    expect(await late).toBe('Superseded');
    const found = await cluster.operator.get({ ...role, name: `${name}-role` });
    expect(found?.metadata).toMatchObject({ annotations: { 'berth.dev/generation': '3' } });
    await cluster.operator.remove({ ...role, name: `${name}-role` });
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
