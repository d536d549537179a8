import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showWorkload } from '../../lambdas/actions/show-workload.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { type Blueprints, loadBlueprints } from '../../lambdas/render/blueprints.ts';
import { renderWorkload } from '../../lambdas/render/render-workload.ts';
import { compileBlueprints } from '../../lib/build/blueprints.ts';
import { findBinaries } from '../../lib/local/binaries.ts';
import { until } from '../support/berth-api.ts';
import { carryOut, tearDown } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aDeployer, freshName } from '../support/deploys.ts';

let cluster: TestCluster;
let folder: string;
let shipped: Blueprints;
/** What answers at a staging's address: no pod does, in either cluster. */
let page: Server;
beforeAll(async () => {
  cluster = await startTestCluster();
  folder = await mkdtemp(join(tmpdir(), 'berth-test-'));
  await compileBlueprints(join(import.meta.dirname, '..', '..', 'blueprints'), folder);
  shipped = loadBlueprints(folder);
  page = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(page, 'listening');
});
afterAll(async () => {
  page.close();
  await rm(folder, { recursive: true });
  await cluster.close();
});

const volumesOf = async (namespace: string): Promise<KubernetesObject[]> => {
  const { objects } = await cluster.operator.list('v1', 'PersistentVolume');
  return objects.filter(({ spec }) => Object(spec).claimRef?.namespace === namespace);
};

describe.concurrent('a blueprint that is shipped', () => {
  it.each([
    ['hello', ['Deployment/hello', 'Ingress/hello', 'Service/hello'], 0],
    ['shop', ['CronJob/cleanup', 'StatefulSet/database', 'HorizontalPodAutoscaler/api'], 1],
  ])('is rendered, gets healthy, is upgraded, and leaves nothing behind: %s', async (blueprint, some, volumes) => {
    const deployer = aDeployer(cluster.client, { blueprint: shipped.get(blueprint)!.blueprint });
    const { deps } = deployer;
    deps.blueprints = shipped;
    deps.render = renderWorkload(await findBinaries());
    deps.probeBaseUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const name = freshName();
    const namespace = `stg-${name}`;
    const deploy = (imageTag: string) => {
      const acting = deployer.requestDeploy(name, []);
      const { generation } = acting;
      deployer.change(name, (staging) => ({ ...staging, desired: { ...staging.desired, values: { imageTag } } }));
      return carryOut(deployer, { name, generation });
    };

    expect(await deploy('1.0')).toEqual({ rounds: 0 });
    const first = await showWorkload(deps, name);
    expect(first.objects.filter(({ isReady }) => !isReady)).toEqual([]);
    expect(first.objects.map(({ object }) => object)).toEqual(expect.arrayContaining(some));
    expect(await volumesOf(namespace)).toHaveLength(volumes);

    expect(await deploy('2.0')).toEqual({ rounds: 0 });
    const second = await showWorkload(deps, name);
    expect(second.objects.filter(({ isReady }) => !isReady)).toEqual([]);
    expect(second.objects.find(({ kind }) => kind === 'Deployment')?.images).toEqual([expect.stringMatching(/:2\.0$/)]);

    await tearDown(deployer, name);
    expect(await cluster.operator.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).toBeUndefined();
    await until(async () => (await volumesOf(namespace)).length === 0);
  });
});
