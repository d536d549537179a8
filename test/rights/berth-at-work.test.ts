import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../lambdas/actions/diagnose.ts';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { Values } from '../../lambdas/domain/staging.ts';
import { type Blueprints, loadBlueprints } from '../../lambdas/render/blueprints.ts';
import { renderWorkload } from '../../lambdas/render/render-workload.ts';
import { compileBlueprints } from '../../lib/build/blueprints.ts';
import { findBinaries } from '../../lib/local/binaries.ts';
import { aConfigMap, aDeployment, aHook, aJob, freshName, image } from '../support/deploys.ts';
import { type Callers, openCallers } from './callers.ts';
import { aSecret, everyKind } from './every-kind.ts';
import { carryOut, type Deployer, deploy, deployerOf, tearDown } from './staging.ts';

let callers: Callers;
let folder: string;
let shipped: Blueprints;
beforeAll(async () => {
  callers = await openCallers();
  folder = await mkdtemp(join(tmpdir(), 'berth-blueprints-'));
  await compileBlueprints(join(import.meta.dirname, '..', '..', 'blueprints'), folder);
  shipped = loadBlueprints(folder);
});
afterAll(async () => {
  await callers[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const find = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  callers.operator.client.get({ apiVersion, kind, name, namespace });

/** Deploys one of the repository's own blueprints with these values, rendered by the real tools. */
async function ship(deployer: Deployer, name: string, blueprint: string, values: Values): Promise<void> {
  const acting = deployer.requestDeploy(name, []);
  deployer.change(name, (staging) => ({ ...staging, desired: { ...staging.desired, blueprint, values } }));
  await carryOut(deployer, acting);
}

describe.concurrent('with the rights that ship, Berth', () => {
  it.each([
    ['hello', { imageTag: '2.0' }],
    ['shop', { imageTag: '2.0', workers: 0, sampleData: false }],
  ])('deploys blueprint %s, changes it, shows it, and takes all of it away', async (blueprint, change) => {
    // Nothing listens at the staging's address here.
    const withoutProbes = (name: string) => {
      const found = shipped.get(name);
      return (
        found && { ...found, blueprint: { ...found.blueprint, health: { ...found.blueprint.health, probes: [] } } }
      );
    };
    const deployer = deployerOf(callers.berth.client);
    Object.assign(deployer.deps, {
      blueprints: { get: withoutProbes, all: () => shipped.all() },
      render: renderWorkload(await findBinaries()),
    });
    const name = freshName();
    await ship(deployer, name, blueprint, {});
    await ship(deployer, name, blueprint, change);
    const { objects, generation, appliedGeneration } = await showWorkload(deployer.deps, name);
    expect([generation, appliedGeneration]).toEqual([2, 2]);
    expect(objects.filter(({ isReady }) => !isReady)).toEqual([]);
    expect(objects.length).toBeGreaterThan(2);
    await tearDown(deployer, name);
    expect(await find('v1', 'Namespace', `stg-${name}`)).toBeUndefined();
  });

  it('prunes every kind that it applies, runs hooks, and removes what the workload left behind', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    const namespace = `stg-${name}`;
    const everything = everyKind();
    const hooks = [
      aHook(aJob('migrate'), { deletePolicies: ['before-hook-creation', 'hook-succeeded'] }),
      aHook(aSecret('for-the-hook'), { weight: -1 }),
      aHook(aJob('farewell'), { phases: ['pre-delete'] }),
    ];
    await deploy(deployer, name, [aConfigMap('kept'), ...everything], hooks);
    expect((await showWorkload(deployer.deps, name)).objects).toHaveLength(everything.length + 1);
    await deploy(deployer, name, [aConfigMap('kept')], hooks);
    const found = await Promise.all(
      everything.map(({ apiVersion, kind, metadata }) => find(apiVersion, kind, metadata.name ?? '', namespace)),
    );
    const standing = found.filter((object) => object && object.metadata.deletionTimestamp === undefined);
    expect(standing.map((object) => object?.kind)).toEqual([]);
    expect(await find('v1', 'PersistentVolumeClaim', 'data-database-0', namespace)).toBeDefined();
    await tearDown(deployer, name);
    expect(await find('v1', 'Namespace', namespace)).toBeUndefined();
  });

  it('replaces a Job, since it can’t be changed', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await deploy(deployer, name, [aJob('seed')]);
    await deploy(deployer, name, [aJob('seed', image('2.0'))]);
    expect((await showWorkload(deployer.deps, name)).objects[0]).toMatchObject({ images: [image('2.0')] });
  });

  it('says why a deploy failed, with events and the last words of the container', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    const error = await deploy(deployer, name, [aDeployment('web', image('crash'))]).catch((caught: Error) => caught);
    const { name: Error = '', message = '' } = error ?? {};
    const Cause = JSON.stringify({ errorType: Error, errorMessage: message, trace: [] });
    const { failure } = await diagnose(deployer.deps, name, { Error, Cause });
    expect(failure.reason).toMatchObject({ code: 'CrashLoop', object: expect.stringMatching(/^Pod\/web-/) });
    expect(failure.diagnosis?.events.map(({ reason }) => reason)).toContain('BackOff');
    expect(failure.diagnosis?.events.map(({ reason }) => reason)).not.toContain('DiagnosisIncomplete');
    const { logs = [] } = failure.diagnosis?.containers[0] ?? {};
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join('\n')).not.toContain("can't be read");
  });

  it('says what holds a teardown', async ({ expect }) => {
    let offset = 0;
    const deployer = deployerOf(callers.berth.client, { budget: 2_000, now: () => Date.now() + offset });
    const name = freshName();
    const namespace = `stg-${name}`;
    await deploy(deployer, name, [aConfigMap('settings')]);
    const held = { ...aConfigMap('held'), metadata: { name: 'held', namespace, finalizers: ['example.com/hold'] } };
    await callers.operator.client.create(held);
    const acting = tearDown(deployer, name);
    const conditions = async () => JSON.stringify(await find('v1', 'Namespace', namespace));
    // The namespace's controller needs some seconds for them.
    await expect.poll(conditions, { timeout: 20_000 }).toContain('configmaps. has 1 resource instances');
    offset = 11 * 60_000;
    await expect(acting).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: expect.stringMatching(/^ConfigMap\/held: is held by example.com\/hold/),
    });
    await callers.operator.client.apply({ ...held, metadata: { name: 'held', namespace } });
  });
});
