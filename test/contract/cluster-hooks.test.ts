import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { readInventory } from '../../lambdas/cluster/keep-inventory.ts';
import { conditionOf } from '../../lambdas/domain/health/fields.ts';
import type { Hook, KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, aHook, aJob, freshName, image } from '../support/deploys.ts';
import { endOf } from '../support/frozen-client.ts';
import { lateOnce } from '../support/late-client.ts';
import { aClusterRole, aPod, aSecret, aWidgetDefinition } from '../support/objects.ts';
import { aBlueprint } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const get = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  cluster.operator.get({ apiVersion, kind, name, namespace });

/** With invocations that are too short for a hook, each longer than the last: on a slow machine too they get on in the end. */
function hurried(deployer: ReturnType<typeof aDeployer>) {
  let budget = 150;
  const deps = {
    ...deployer.deps,
    get budget() {
      budget += 20;
      return budget;
    },
  };
  return { ...deployer, deps };
}

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

  const passing: Partial<Hook> = { weight: -5, deletePolicies: ['before-hook-creation', 'hook-succeeded'] };
  const withHelp = (tagged: string): Hook[] => {
    const envFrom = [{ configMapRef: { name: 'steps' } }, { secretRef: { name: 'database' } }];
    const containers = [{ name: 'task', image: tagged, envFrom }];
    const spec = { restartPolicy: 'Never', serviceAccountName: 'migrator', containers };
    return [
      aHook({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'migrator' } }, passing),
      aHook(aConfigMap('steps'), passing),
      aHook(aSecret('database'), passing),
      aHook(aJob('migrate', tagged, { template: { spec } }), { ...passing, weight: 5 }),
    ];
  };
  const helpersIn = async (namespace: string) =>
    (
      await Promise.all([
        get('v1', 'ServiceAccount', 'migrator', namespace),
        get('v1', 'ConfigMap', 'steps', namespace),
        get('v1', 'Secret', 'database', namespace),
        get('batch/v1', 'Job', 'migrate', namespace),
      ])
    ).flatMap((found) => found?.kind ?? []);

  it('may need what earlier ones have made, and take it away once all have succeeded', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')], withHelp(image('1.0')));
    expect(await helpersIn(`stg-${name}`)).toEqual([]);
    await deploy(deployer, name, [aDeployment('web')], withHelp(image('1.1')));
    expect(await helpersIn(`stg-${name}`)).toEqual([]);
  });

  it('leave nothing of what succeeded before the one that failed', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const error = await deploy(deployer, name, [], withHelp(image('exit-1'))).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'HookFailed' });
    expect(await helpersIn(`stg-${name}`)).toEqual(['Job']);
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

  it('fail with these words although their pods are seen later than their end', async () => {
    const unseeing: KubernetesClient = {
      ...cluster.client,
      async *watch(...given) {
        if (given[1] === 'Pod') {
          yield { type: 'snapshot', objects: [] };
          await once(given[3], 'abort');
        } else yield* cluster.client.watch(...given);
      },
    };
    const error = await failing(aDeployer(unseeing), [], [aHook(aJob('migrate', image('exit-1')))]);
    expect([error.name, error.message]).toEqual(['HookFailed', expect.stringMatching(/; its last words: /)]);
  });

  it('fail with their own cause where they have one', async () => {
    const error = await failing(aDeployer(cluster.client), [], [aHook(aJob('migrate', image('missing')))]);
    expect(error.name).toBe('ImageNotFound');
  });

  it('may take longer than one invocation, and are neither run again nor forgotten', async () => {
    const deployer = hurried(aDeployer(cluster.client));
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
    const deployer = hurried(aDeployer(counting));
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

  it('of any kind are there for those after them, and a pod is waited for until it has ended', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    const reading = { name: 'task', image: image('1.0'), envFrom: [{ configMapRef: { name: 'plan' } }] };
    const seen: string[] = [];
    const watching: KubernetesClient = {
      ...cluster.client,
      apply: async (object) => {
        if (object.kind === 'Deployment') {
          const pod = await get('v1', 'Pod', 'check', namespace);
          seen.push(String(Object(pod?.['status']).phase));
        }
        return cluster.client.apply(object);
      },
    };
    const hooks = [
      aHook(aJob('migrate', image('1.0'), { template: { spec: { restartPolicy: 'Never', containers: [reading] } } })),
      aHook(aConfigMap('plan'), { weight: -2 }),
      aHook(aPod('check', image('exit-0'), { restartPolicy: 'Never' }), { weight: 1 }),
    ];
    await deploy(
      { ...deployer, deps: { ...deployer.deps, connect: () => watching } },
      name,
      [aDeployment('web')],
      hooks,
    );
    expect(seen).toEqual(['Succeeded']);
    expect(Object((await get('batch/v1', 'Job', 'migrate', namespace))?.['status']).succeeded).toBe(1);
    expect(await get('v1', 'ConfigMap', 'plan', namespace)).toBeDefined();
  });

  it('that come after run once all is ready, and fail the deploy although it is', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const check = aHook(aJob('check', image('exit-1')), { phases: ['post-install'] });
    const error = await failing(deployer, [aDeployment('web')], [check], name);
    expect([error.name, error.message]).toEqual(['HookFailed', expect.stringMatching(/^Job\/check: failed: /)]);
    const web = await get('apps/v1', 'Deployment', 'web', `stg-${name}`);
    expect(Object(web?.['status']).availableReplicas).toBe(1);
  });

  it('that failed are made anew by the next deploy, which is still an installation', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hook = (tag: string) => [aHook(aJob('migrate', image(tag)), { phases: ['pre-install'] })];
    expect((await failing(deployer, [aDeployment('web')], hook('exit-1'), name)).name).toBe('HookFailed');
    const failed = await get('batch/v1', 'Job', 'migrate', `stg-${name}`);
    await deploy(deployer, name, [aDeployment('web')], hook('2.0'));
    const job = await get('batch/v1', 'Job', 'migrate', `stg-${name}`);
    expect(job?.metadata.uid).not.toBe(failed?.metadata.uid);
    expect(Object(job?.['status']).succeeded).toBe(1);
  });

  it('leave a cluster-scoped object alone that is another staging’s', async () => {
    const deployer = aDeployer(cluster.client, { blueprint: aBlueprint({ clusterScoped: ['ClusterRole'] }) });
    const [mine, theirs] = [freshName(), freshName()];
    const hook = aHook(aClusterRole(`${theirs}-migrate`));
    await deploy(deployer, theirs, [], [hook]);
    const before = await get('rbac.authorization.k8s.io/v1', 'ClusterRole', `${theirs}-migrate`);
    expect(await failing(deployer, [], [hook], mine)).toMatchObject({
      name: 'ApplyRejected',
      message: expect.stringContaining(`belongs to staging "${theirs}"`),
    });
    const after = await get('rbac.authorization.k8s.io/v1', 'ClusterRole', `${theirs}-migrate`);
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await tearDown(deployer, theirs);
  });

  it('never remove a definition, with which every staging’s objects of that kind would go', async () => {
    const deployer = aDeployer(cluster.client, {
      blueprint: aBlueprint({ clusterScoped: ['CustomResourceDefinition'] }),
    });
    const name = freshName();
    const definition = aWidgetDefinition(`${name}.example.com`);
    const { name: defined } = definition.metadata;
    await deploy(deployer, name, [], [aHook(definition)]);
    const before = await get('apiextensions.k8s.io/v1', 'CustomResourceDefinition', defined);
    await deploy(deployer, name, [], [aHook(definition)]);
    const after = await get('apiextensions.k8s.io/v1', 'CustomResourceDefinition', defined);
    expect([before?.metadata.uid, after?.metadata.uid]).toEqual([expect.any(String), before?.metadata.uid]);
    await cluster.operator.remove(refOf(definition));
  });

  it('keep what was an ordinary object before', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aSecret('key'), aConfigMap('settings')]);
    await deploy(deployer, name, [], [aHook(aSecret('key')), aHook(aConfigMap('settings'))]);
    expect(await get('v1', 'Secret', 'key', `stg-${name}`)).toBeDefined();
    expect(await get('v1', 'ConfigMap', 'settings', `stg-${name}`)).toBeDefined();
  });

  it('that remove themselves are there until their end was seen', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const hooks = ['a', 'b', 'c', 'd'].map((job) => aHook(aJob(job, image('exit-0'), { ttlSecondsAfterFinished: 0 })));
    await deploy(deployer, name, [aDeployment('web')], hooks);
    expect(await namesOf(`stg-${name}`)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that never end fail the deploy when its time is over', async () => {
    const blueprint = aBlueprint({ health: { timeout: '1s' } });
    const error = await failing(aDeployer(cluster.client, { blueprint }), [], [aHook(aJob('migrate', image('slow')))]);
    expect([error.name, error.message]).toEqual([
      'HookFailed',
      expect.stringMatching(/^Job\/migrate: not ready in time: runs, not complete/),
    ]);
  });

  it.each([
    ['a pod that is ready', aPod('migrate')],
    ['a suspended Job', aJob('migrate', image('1.0'), { suspend: true })],
  ])('have not ended as %s, and fail the deploy when its time is over', async (_what, object) => {
    const isWell = (found: KubernetesObject) => found.kind === 'Job' || conditionOf(found, 'Ready')?.status === 'True';
    const { client, now } = lateOnce(cluster.client, isWell);
    const error = await failing(aDeployer(client, { now }), [], [aHook(object)]);
    expect([error.name, error.message]).toEqual([
      'HookFailed',
      expect.stringMatching(/^(Pod|Job)\/migrate: has not ended in time/),
    ]);
  });

  it('are given up for a newer request while they run', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [], [aHook(aJob('migrate', image('slow')))]);
    const running = endOf(applyWorkload(deployer.deps, acting));
    await until(async () => (await get('batch/v1', 'Job', 'migrate', `stg-${name}`)) !== undefined);
    deployer.requestDeploy(name, []);
    expect(await running).toBe('Superseded');
  });
});
