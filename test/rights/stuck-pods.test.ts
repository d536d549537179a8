import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { conditionOf } from '../../lambdas/domain/health/fields.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { type ObjectRef, refOf } from '../../lambdas/domain/object-ref.ts';
import { aDeployment, aStatefulSet, freshName, image } from '../support/deploys.ts';
import { withPod } from '../support/objects.ts';
import { type Callers, openCallers } from './callers.ts';
import { outcomeOf } from './outcome.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
beforeAll(async () => {
  callers = await openCallers();
});
afterAll(() => callers[Symbol.asyncDispose]());

const nowhere = {
  nodeSelector: { 'example.com/none': 'yes' },
  containers: [{ name: 'db', image: image('1.0') }],
};

/** Objects whose pods no node takes, so that nothing happens to them. */
const aStuckSet = (): KubernetesObject =>
  aStatefulSet('database', undefined, {
    template: { metadata: { labels: { app: 'database' } }, spec: nowhere },
    volumeClaimTemplates: [],
  });
const aStuckDeployment = (): KubernetesObject => withPod('web', nowhere);

/** The one pod of a namespace, once it has come so far. */
async function podIn(namespace: string, condition: 'Ready' | 'PodScheduled', status: string): Promise<ObjectRef> {
  return vi.waitFor(async () => {
    const { objects } = await callers.operator.client.list('v1', 'Pod', { namespace });
    const found = objects.find((pod) => conditionOf(pod, condition)?.status === status);
    if (!found) throw new Error(`no pod in ${namespace} whose ${condition} is ${status}`);
    return refOf(found);
  }, 20_000);
}
const stuckIn = (namespace: string) => podIn(namespace, 'PodScheduled', 'False');

const mark = (generation: number) => ({ 'berth.dev/generation': String(generation) });

/** What becomes of Berth's deletion of a pod as it is at that moment. */
async function removed(ref: ObjectRef): Promise<string> {
  const path = `/api/v1/namespaces/${ref.namespace}/pods/${ref.name}`;
  for (;;) {
    const found = await callers.operator.client.get(ref);
    const { uid, resourceVersion } = found?.metadata ?? {};
    const answer = await callers.berth.call('DELETE', path, { body: { preconditions: { uid, resourceVersion } } });
    // Its controllers may have changed it in between.
    if (answer.status !== 409) return outcomeOf(answer);
  }
}

describe.concurrent('a StatefulSet’s pod that isn’t ready', () => {
  /** A staging at generation 1 with a pod of these objects. */
  async function applied(objects: KubernetesObject[]) {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await applyWorkload(deployer.deps, deployer.requestDeploy(name, objects));
    const namespace = `stg-${name}`;
    const refusal = `berth-objects: namespace ${namespace} is not being torn down, and`;
    return { deployer, name, namespace, refusal };
  }

  it('is deleted once the newest operation has marked it', async ({ expect }) => {
    const { namespace, refusal } = await applied([aStuckSet()]);
    const pod = await stuckIn(namespace);
    expect(await removed(pod)).toBe(`${refusal} ${pod.name} is not of Berth`);
    await callers.berth.client.annotate(pod, mark(1));
    expect(await removed(pod)).toBe('allowed');
  });

  it('is not deleted by an operation that has marked it before a newer one came, nor marked after', async ({
    expect,
  }) => {
    const { deployer, name, namespace, refusal } = await applied([aStuckSet()]);
    const pod = await stuckIn(namespace);
    await callers.berth.client.annotate(pod, mark(1));
    await applyWorkload(deployer.deps, deployer.requestDeploy(name, [aStuckSet()]));
    expect(await removed(pod)).toBe(`${refusal} ${pod.name} is not of Berth`);
    await expect(callers.berth.client.annotate(pod, mark(1))).rejects.toThrow('generation 1 is older');
    expect((await callers.operator.client.get(pod))?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('is not marked as somebody has read it before it changed', async ({ expect }) => {
    const { namespace } = await applied([aStuckSet()]);
    const pod = await stuckIn(namespace);
    const before = await callers.operator.client.get(pod);
    await callers.operator.client.annotate(pod, { 'example.com/turn': '1' });
    const marking = callers.berth.client.annotate(pod, mark(1), before?.metadata.resourceVersion);
    await expect(marking).rejects.toMatchObject({ status: 409 });
  });

  it('is deleted in no other namespace, whatever its mark', async ({ expect }) => {
    const name = freshName();
    const others = deployerOf(callers.qa.client, { installation: 'qa' });
    await applyWorkload(others.deps, others.requestDeploy(name, [aStuckSet()]));
    const pod = await stuckIn(`stg-${name}`);
    await callers.qa.client.annotate(pod, mark(1));
    expect(await removed(pod)).toBe(`berth-objects: namespace stg-${name} is not a staging of installation berth`);
    await expect(callers.berth.client.annotate(pod, mark(9))).rejects.toThrow(/is not a staging of installation/);
  });
});

describe.concurrent('no mark', () => {
  it.each([
    ['a pod that is ready', [aStatefulSet('database')]],
    ['the pod of a Deployment that is ready', [aDeployment('web')]],
  ])('lets Berth delete %s', async (_, objects) => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await deploy(deployer, name, objects);
    const pod = await podIn(`stg-${name}`, 'Ready', 'True');
    await callers.berth.client.annotate(pod, mark(1));
    expect(await removed(pod)).toMatch(/is not being torn down, and \S+ is not of Berth$/);
  });

  it('lets Berth delete the pod of a Deployment', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await applyWorkload(deployer.deps, deployer.requestDeploy(name, [aStuckDeployment()]));
    const pod = await stuckIn(`stg-${name}`);
    await callers.berth.client.annotate(pod, mark(1));
    expect(await removed(pod)).toMatch(/is not being torn down, and \S+ is not of Berth$/);
  });

  it('lets Berth delete a volume’s claim', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await deploy(deployer, name, [aStatefulSet('database')]);
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      name: 'data-database-0',
      namespace: `stg-${name}`,
    };
    const { client } = callers.berth;
    const marked = await client.annotate(claim, mark(1));
    const { uid, resourceVersion } = marked?.metadata ?? {};
    await expect(client.remove(claim, { uid, resourceVersion })).rejects.toThrow(/is not of Berth/);
  });
});
