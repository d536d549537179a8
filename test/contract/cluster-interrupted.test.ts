import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import { ClusterBusy } from '../../lambdas/cluster/errors.ts';
import { readInventory } from '../../lambdas/cluster/keep-inventory.ts';
import { inventoryName, markers } from '../../lambdas/domain/markers.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { RenderFailed } from '../../lambdas/domain/render-failed.ts';
import { apply } from '../../lambdas/steps/apply.ts';
import { until } from '../support/berth-api.ts';
import { carryOut, deploy } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  aConfigMap,
  aDeployer,
  aDeployment,
  aHook,
  aJob,
  anIngress,
  freshName,
  installation,
} from '../support/deploys.ts';
import { endOf, frozenAt } from '../support/frozen-client.ts';
import { release } from '../support/other-writers.ts';
import { aBlueprint, theseBlueprints } from '../support/world.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

const held = ['example.com/hold'];

/** A namespace's own controller says what it meets a moment after the deletion. */
const isToldBy = (namespace: string): Promise<void> =>
  until(async () => {
    const found = await cluster.operator.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
    return JSON.stringify(found?.['status']).includes('has 1 resource instances');
  });

describe.concurrent('the same step, twice at once', () => {
  it('forgets nothing of what the faster one wrote down', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aDeployment('web')]);
    let writes = 0;
    const isLastWrite = (ref: { name: string }) => ref.name === inventoryName && (writes += 1) === 2;
    const frozen = frozenAt(cluster.client, isLastWrite);
    const slow = endOf(applyWorkload({ ...deployer.deps, connect: () => frozen.client }, acting));
    await frozen.reached;
    await carryOut(deployer, acting);
    frozen.release();
    // The state machine would begin the step anew, if it still waited for it.
    expect(await slow).toBe('ClusterBusy');
    expect((await readInventory(cluster.client, `stg-${name}`)).installed).toBe(acting.generation);
  });

  it('runs no hook again that the faster one has run and removed', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const ran: string[] = [];
    const counted = (client: KubernetesClient): KubernetesClient => ({
      ...client,
      apply: (object) => {
        if (object.kind === 'Job') ran.push(object.metadata.name ?? '');
        return client.apply(object);
      },
    });
    const once = aHook(aJob('migrate'), { deletePolicies: ['hook-succeeded'] });
    const acting = deployer.requestDeploy(name, [aDeployment('web')], [once]);
    const guards = frozenAt(cluster.client, (ref) => ref.kind === 'NetworkPolicy');
    const slow = endOf(applyWorkload({ ...deployer.deps, connect: () => counted(guards.client) }, acting));
    await guards.reached;
    await carryOut({ ...deployer, deps: { ...deployer.deps, connect: () => counted(cluster.client) } }, acting);
    guards.release();
    expect(await slow).toBe('ClusterBusy');
    expect(ran).toEqual(['migrate']);
  });
});

describe.concurrent('a namespace', () => {
  it('that never ends fails the deploy that waits for it, and what holds it is named', async () => {
    const blueprint = aBlueprint({ health: { timeout: '1s' } });
    const deployer = aDeployer(cluster.client, { blueprint });
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    const treasure = { ...aConfigMap('treasure'), metadata: { name: 'treasure', namespace: `stg-${name}` } };
    await cluster.operator.apply({ ...treasure, metadata: { ...treasure.metadata, finalizers: held } });
    await cluster.operator.remove({ apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` });
    await isToldBy(`stg-${name}`);
    await expect(deploy(deployer, name, [aConfigMap('settings')])).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(/^ConfigMap\/treasure: is held by example.com\/hold/),
    });
    await release(cluster, refOf(treasure));
  });

  it.each([
    ['stays', []],
    ['goes', held],
  ])('of another installation that %s is named as such, whatever its generation', async (_what, finalizers) => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const theirs = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: `stg-${name}`,
        labels: {
          [markers.managedBy]: markers.managedByValue,
          [markers.installation]: 'another',
          [markers.staging]: name,
        },
        annotations: { [markers.generation]: '99' },
        ...(finalizers.length > 0 ? { finalizers } : {}),
      },
    };
    await cluster.operator.apply(theirs);
    if (finalizers.length > 0) await cluster.operator.remove({ ...theirs, name: `stg-${name}` });
    const acting = deployer.requestDeploy(name, [aConfigMap('settings')]);
    const refusal = { name: 'ApplyRejected', message: expect.stringContaining("isn't this installation's") };
    await expect(applyWorkload(deployer.deps, acting)).rejects.toMatchObject(refusal);
    await expect(awaitHealthy(deployer.deps, acting)).rejects.toMatchObject(refusal);
    expect(await deleteWorkload(deployer.deps, deployer.requestTeardown(name))).toEqual({ done: true });
    await release(cluster, refOf(theirs));
  });

  it('that is newer than a record restored from a copy is told, not taken for a hand-over', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aConfigMap('settings')]);
    await applyWorkload(deployer.deps, acting);
    await cluster.operator.annotate(
      { apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` },
      { [markers.generation]: '7' },
    );
    const input = { ...acting, operationId: `${name}-g1-deploy`, step: 'Apply' };
    await expect(apply(deployer.deps, input)).rejects.toMatchObject({
      name: 'ApplyRejected',
      message: expect.stringMatching(/was written by generation 7, and the record is at 1 only/),
    });
  });
});

describe.concurrent('a deploy', () => {
  it('installs anew where a teardown has begun', async () => {
    const deployer = aDeployer(cluster.client, { budget: 400 });
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')]);
    const ingress = { ...anIngress('outside'), metadata: { name: 'outside', namespace: `stg-${name}` } };
    await cluster.operator.apply({ ...ingress, metadata: { ...ingress.metadata, finalizers: held } });
    expect(await deleteWorkload(deployer.deps, deployer.requestTeardown(name))).toEqual({ done: false });
    deployer.rendered.length = 0;
    await deploy(deployer, name, [aDeployment('web')]);
    expect(new Set(deployer.rendered.map(({ isUpgrade }) => isUpgrade))).toEqual(new Set([false]));
    await release(cluster, refOf(ingress));
  });

  it('names what the API server refuses beside the objects themselves', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings'), aConfigMap('old')]);
    const { metadata } = aConfigMap('old');
    const refusing: KubernetesClient = {
      ...cluster.client,
      // A webhook that nobody at Berth has heard of.
      remove: async (ref) =>
        cluster.client
          .apply({ ...aConfigMap('x'), metadata: { ...metadata, namespace: 'default' } })
          .then(() => ref.name === ''),
    };
    const acting = deployer.requestDeploy(name, [aConfigMap('settings')]);
    await expect(applyWorkload({ ...deployer.deps, connect: () => refusing }, acting)).rejects.toMatchObject({
      name: 'ApplyRejected',
      message: expect.stringMatching(
        new RegExp(`^Namespace/stg-${name}: .*is not a staging of installation ${installation}`),
      ),
    });
  });

  it('does not turn in circles at full speed where somebody undoes what it applies', async () => {
    let offset = 0;
    const deployer = aDeployer(cluster.client, {
      // Enough for a loaded machine to see what is missing; the rest of it is paused.
      budget: 3_000,
      now: () => Date.now() + offset,
      blueprint: aBlueprint(),
    });
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aConfigMap('settings')]);
    await applyWorkload(deployer.deps, acting);
    await cluster.operator.remove({ apiVersion: 'v1', kind: 'ConfigMap', namespace: `stg-${name}`, name: 'settings' });
    expect(await awaitHealthy(deployer.deps, acting)).toEqual({ verdict: 'reapply' });
    offset = 61_000;
    const turning = awaitHealthy(deployer.deps, acting);
    const { stagings } = deployer.deps;
    let reads = 0;
    deployer.deps.stagings = {
      get: (each) => {
        // While it waits, somebody asks for something else.
        if ((reads += 1) === 1) deployer.requestDeploy(name, [aConfigMap('settings')]);
        return stagings.get(each);
      },
    };
    await expect(turning).rejects.toMatchObject({ name: 'Superseded' });
  });
});

describe.concurrent('a blueprint', () => {
  it('that is gone fails a deploy by name, and keeps no teardown from its work', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aDeployment('web')], [aHook(aJob('farewell'), { phases: ['pre-delete'] })]);
    const without = { ...deployer.deps, blueprints: theseBlueprints() };
    await expect(applyWorkload(without, deployer.requestDeploy(name, []))).rejects.toMatchObject({
      name: 'RenderFailed',
      message: 'there is no blueprint "hello" any more',
    });
    expect(await deleteWorkload(without, deployer.requestTeardown(name))).toEqual({ done: true });
    expect(await cluster.operator.get({ apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` })).toBeUndefined();
  });

  it('that takes the staging’s values no more keeps no teardown from its work', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    const render = async () => Promise.reject(new RenderFailed('values.colour: is unknown'));
    expect(await deleteWorkload({ ...deployer.deps, render }, deployer.requestTeardown(name))).toEqual({ done: true });
    expect(deployer.warnings).toContain('hooks of the teardown can’t be rendered, and are left out');
  });

  it('whose teardown hooks can’t be told just now keeps them', async () => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await deploy(deployer, name, [aConfigMap('settings')]);
    const render = async () => Promise.reject(new ClusterBusy('the cluster is busy'));
    const late = deleteWorkload({ ...deployer.deps, render }, deployer.requestTeardown(name));
    await expect(late).rejects.toMatchObject({ name: 'ClusterBusy' });
  });
});
