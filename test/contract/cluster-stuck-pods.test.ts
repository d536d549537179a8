import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { at } from '../../lambdas/domain/health/fields.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { until } from '../support/berth-api.ts';
import { deploy, failing } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aDeployer, aStatefulSet, freshName, image } from '../support/deploys.ts';
import { endOf, frozenAt, outdated } from '../support/frozen-client.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

/** What is there of a kind, by name: uids. */
async function uidsOf(name: string, kind: string): Promise<Record<string, string | undefined>> {
  const { objects } = await cluster.operator.list('v1', kind, { namespace: `stg-${name}` });
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name, metadata.uid]));
}

const podOf = (name: string, pod = 'database-0') =>
  cluster.operator.get({ apiVersion: 'v1', kind: 'Pod', name: pod, namespace: `stg-${name}` });

const imageOf = (pod: KubernetesObject | undefined) => at(at(pod, 'spec', 'containers'), '0', 'image');

/** A StatefulSet whose container also has this. */
function withContainer(more: object, tagged = image('1.0')): KubernetesObject {
  const set = aStatefulSet('database', tagged);
  const { template, ...spec } = Object(set.spec);
  const [container] = template.spec.containers;
  return {
    ...set,
    spec: { ...spec, template: { ...template, spec: { containers: [{ ...container, ...more }] } } },
  };
}

/** A client that keeps in mind which pods it was asked to remove. */
function watched(client: KubernetesClient) {
  const removed: string[] = [];
  const remove: KubernetesClient['remove'] = async (ref, removal) => {
    if (ref.kind === 'Pod') removed.push(ref.name);
    return client.remove(ref, removal);
  };
  return { client: { ...client, remove }, removed };
}

describe.concurrent('a StatefulSet whose pod is broken', () => {
  it.each<[string, KubernetesObject]>([
    ['a missing image', aStatefulSet('database', image('missing'))],
    ['a crash loop', aStatefulSet('database', image('crash'))],
    ['a missing Secret', withContainer({ envFrom: [{ secretRef: { name: 'absent' } }] })],
  ])('is healed by the deploy that mends it, and keeps its volume: %s', async (_what, broken) => {
    const { client, removed } = watched(cluster.client);
    const deployer = aDeployer(client);
    const name = freshName();
    await failing(deployer, [broken], [], name);
    const claims = await uidsOf(name, 'PersistentVolumeClaim');
    await deploy(deployer, name, [aStatefulSet('database', image('2.0'))]);
    expect(imageOf(await podOf(name))).toBe(image('2.0'));
    expect(removed).toContain('database-0');
    expect(Object.keys(claims)).toEqual(['data-database-0']);
    expect(await uidsOf(name, 'PersistentVolumeClaim')).toEqual(claims);
  });

  it('is healed where it runs without ever getting ready, once a deploy would have given it up', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, { now: () => Date.now() + offset });
    const name = freshName();
    const probed = (tag: string) => withContainer({ readinessProbe: { httpGet: { path: '/', port: 80 } } }, image(tag));
    const failure = failing(deployer, [probed('never-ready')], [], name);
    await until(async () => at(await podOf(name), 'status', 'phase') === 'Running');
    offset = 60_000;
    expect((await failure).name).toBe('TimedOut');
    await deploy(deployer, name, [probed('2.0')]);
    expect(imageOf(await podOf(name))).toBe(image('2.0'));
  });

  it('is healed by the deploy that turns it back, which leaves the pods that are ready', async () => {
    const { client, removed } = watched(cluster.client);
    const deployer = aDeployer(client);
    const name = freshName();
    const two = (tag: string) => aStatefulSet('database', image(tag), { replicas: 2 });
    await deploy(deployer, name, [two('1.0')]);
    const before = await uidsOf(name, 'Pod');
    await failing(deployer, [two('missing')], [], name);
    await deploy(deployer, name, [two('1.0')]);
    expect(new Set(removed)).toEqual(new Set(['database-1']));
    const after = await uidsOf(name, 'Pod');
    expect(after['database-0']).toBe(before['database-0']);
    expect(imageOf(await podOf(name, 'database-1'))).toBe(image('1.0'));
  });

  it('is left alone while its pod is on its way, although a newer deploy wants another', async () => {
    const { client, removed } = watched(cluster.client);
    const deployer = aDeployer(client);
    const name = freshName();
    const first = endOf(deploy(deployer, name, [aStatefulSet('database', image('slow'))]));
    await until(async () => (await podOf(name)) !== undefined);
    await deploy(deployer, name, [aStatefulSet('database', image('2.0'))]);
    expect(await first).toBe('Superseded');
    expect(imageOf(await podOf(name))).toBe(image('2.0'));
    expect(removed).toEqual([]);
  });

  it.each(['annotate', 'remove'] as const)(
    'keeps it from a deploy that was frozen before it could %s it, once there is a newer one',
    async (request) => {
      const deployer = aDeployer(cluster.client);
      const name = freshName();
      await failing(deployer, [aStatefulSet('database', image('missing'))], [], name);
      const acting = deployer.requestDeploy(name, [aStatefulSet('database', image('2.0'))]);
      await applyWorkload(deployer.deps, acting);
      const frozen = frozenAt(cluster.client, (ref, asked) => ref.kind === 'Pod' && asked === request);
      const late = endOf(awaitHealthy(outdated(deployer, frozen.client, name), acting));
      await frozen.reached;
      // Of the newer one's own template, and so no longer in anybody's way.
      await failing(deployer, [aStatefulSet('database', image('missing'))], [], name);
      const before = await uidsOf(name, 'Pod');
      frozen.release();
      expect(await late).not.toBe('done');
      expect(await uidsOf(name, 'Pod')).toEqual(before);
      expect((await podOf(name))?.metadata.deletionTimestamp).toBeUndefined();
    },
  );
});
