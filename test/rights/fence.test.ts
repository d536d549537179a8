import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { aConfigMap, aDeployment, aService, aStatefulSet, freshName, image } from '../support/deploys.ts';
import { frozenAt, outdated } from '../support/frozen-client.ts';
import { type Callers, openCallers } from './callers.ts';
import { aSecret, everyKindAsleep } from './every-kind.ts';
import { outcomeOf } from './outcome.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
beforeAll(async () => {
  callers = await openCallers();
});
afterAll(() => callers[Symbol.asyncDispose]());

const older = 'generation 1 is older than the namespace, which is at 2';
const generationOf = (object: KubernetesObject | undefined) => object?.metadata.annotations?.['berth.dev/generation'];

describe.concurrent('an apply that is held between two objects', () => {
  const product = (version: string) => [
    aConfigMap('settings', { version }),
    aSecret('password'),
    aService('web'),
    aDeployment('web', image(version)),
    aDeployment('api', image(version)),
  ];

  it.each(['Service', 'Deployment', 'Secret'])(
    'writes no %s, and nothing after it, once a newer one has finished',
    async (kind) => {
      const { client } = callers.berth;
      const deployer = deployerOf(client);
      const name = freshName();
      const acting = deployer.requestDeploy(name, product('1.0'));
      const frozen = frozenAt(client, (ref, request) => request === 'apply' && ref.kind === kind);
      const late = applyWorkload(outdated(deployer, frozen.client, name), acting);
      await frozen.reached;
      await deploy(deployer, name, product('2.0'));
      frozen.release();
      await expect(late).rejects.toMatchObject({ name: 'ApplyRejected', message: expect.stringContaining(older) });
      for (const object of product('2.0')) {
        const found = await callers.operator.client.get({ ...refOf(object), namespace: `stg-${name}` });
        expect([object.kind, generationOf(found)]).toEqual([object.kind, '2']);
        expect(JSON.stringify(found)).not.toContain('1.0');
      }
    },
  );
});

describe('an older generation', () => {
  const name = freshName();
  const namespace = `stg-${name}`;
  const newest = everyKindAsleep();
  const at = (object: KubernetesObject, generation?: string): KubernetesObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'berth', 'berth.dev/staging': name },
      ...(generation === undefined ? {} : { annotations: { 'berth.dev/generation': generation } }),
    },
  });

  beforeAll(async () => {
    const deployer = deployerOf(callers.berth.client);
    await deploy(deployer, name, []);
    await callers.berth.client.apply(at(aConfigMap('of-the-first'), '1'));
    await deploy(deployer, name, []);
    for (const object of newest) await callers.berth.client.apply(at(object, '2'));
  });

  it.each(newest.map(({ kind }) => kind))('changes no %s, and makes none', async (kind) => {
    const { client } = callers.berth;
    const object = newest.find((one) => one.kind === kind);
    if (!object) throw new Error(kind);
    const other = { ...object, metadata: { ...object.metadata, name: 'another' } };
    await expect(client.apply(at(object, '1'))).rejects.toThrow(older);
    await expect(client.apply(at(other, '1'))).rejects.toThrow(older);
    await expect(client.create(at(other, '1'))).rejects.toThrow(older);
    await expect(client.annotate(refOf(at(object)), { 'berth.dev/generation': '1' })).rejects.toThrow(older);
    expect(generationOf(await callers.operator.client.get(refOf(at(object))))).toBe('2');
  });

  it('is what an apply counts as that leaves its generation out', async () => {
    for (const object of newest) {
      await expect(callers.berth.client.apply(at(object))).rejects.toThrow(/generation 0 is older/);
    }
  });

  it('is what a patch counts as that leaves it out on an object of such a generation', async () => {
    const patched = await callers.berth.call('PATCH', `/api/v1/namespaces/${namespace}/configmaps/of-the-first`, {
      body: { data: { key: 'changed' } },
      type: 'application/merge-patch+json',
    });
    expect(outcomeOf(patched)).toBe(`berth-objects: ${older}`);
  });

  it('is known by the object too, where the namespace is still as old', async () => {
    const { client } = callers.berth;
    await client.apply(at(aConfigMap('ahead'), '5'));
    await expect(client.apply(at(aConfigMap('ahead', { key: 'late' }), '3'))).rejects.toThrow(
      'generation 3 is older than ahead, which is at 5',
    );
    await expect(client.apply(at(aConfigMap('ahead', { key: 'late' })))).rejects.toThrow(/generation 0 is older/);
  });

  it('is not turned into a newer one by what isn’t a number', async () => {
    for (const generation of ['', 'new', '2.5', '0x7', '99999999999999999999']) {
      await expect(callers.berth.client.apply(at(aConfigMap('x'), generation))).rejects.toThrow(
        /fails to evaluate: type conversion error/,
      );
    }
  });

  it('removes nothing: neither what was written since it looked, nor what it can’t have looked at', async () => {
    const path = `/api/v1/namespaces/${namespace}/configmaps/configmap`;
    const remove = async (body?: object) => outcomeOf(await callers.berth.call('DELETE', path, { body }));
    const { uid, resourceVersion } = (await callers.berth.call('GET', path)).body.metadata;
    expect(await remove()).toBe('berth-objects: the deletion of configmap does not say which version it means');
    expect(await remove({ preconditions: { uid } })).toMatch(/does not say which version it means$/);
    await callers.berth.client.apply(at(aConfigMap('configmap', { key: 'newer' }), '2'));
    expect(await remove({ preconditions: { uid, resourceVersion } })).toMatch(/^409: /);
  });

  it('removes what Berth has not written only while the namespace is torn down', async () => {
    const unmarked = { ...aConfigMap('theirs'), metadata: { name: 'theirs', namespace } };
    const { metadata } = await callers.operator.client.apply(unmarked);
    const { uid, resourceVersion } = metadata;
    await expect(callers.berth.client.remove(refOf(unmarked), { uid, resourceVersion })).rejects.toThrow(
      `namespace ${namespace} is not being torn down, and theirs is not of Berth`,
    );
  });
});

describe('a namespace that was just raised', () => {
  it('keeps what its newer generation has written from the very first moment', async () => {
    const { client } = callers.berth;
    const deployer = deployerOf(client);
    const name = freshName();
    await deploy(deployer, name, []);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` };
    const written = (generation: number): KubernetesObject => ({
      ...aConfigMap('settings', { of: String(generation) }),
      metadata: {
        name: 'settings',
        namespace: namespace.name,
        annotations: { 'berth.dev/generation': String(generation) },
      },
    });
    // The API server learns of a namespace's change some milliseconds later: not each of these is refused by that.
    for (let generation = 2; generation <= 100; generation += 1) {
      await client.annotate(namespace, { 'berth.dev/generation': String(generation) });
      await client.apply(written(generation));
      await expect(client.apply(written(generation - 1))).rejects.toThrow(/generation \d+ is older than/);
    }
  });
});

describe('a volume’s claim', () => {
  it('stays when a deploy no longer wants its StatefulSet', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await deploy(deployer, name, [aStatefulSet('database')]);
    await deploy(deployer, name, []);
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      name: 'data-database-0',
      namespace: `stg-${name}`,
    };
    const found = await callers.operator.client.get(claim);
    const { uid, resourceVersion } = found?.metadata ?? {};
    await expect(callers.berth.client.remove(claim, { uid, resourceVersion })).rejects.toThrow(/is not of Berth/);
  });
});
