import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import { diagnose } from '../../lambdas/actions/diagnose.ts';
import type { FaultRule } from '../../lib/local/cluster/api/faults.ts';
import { persistently } from '../support/carry-out.ts';
import { startSimulatedTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, freshName, image } from '../support/deploys.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startSimulatedTestCluster();
});
afterAll(() => cluster.close());

async function withFaults<Result>(faults: readonly FaultRule[], act: () => Promise<Result>): Promise<Result> {
  cluster.simulated?.cluster.setFaults(faults);
  try {
    return await act();
  } finally {
    cluster.simulated?.cluster.setFaults([]);
  }
}

describe('a cluster that has a bad day', () => {
  it.each<[string, FaultRule]>([
    ['answers every tenth request with 500', { internalError: 0.1 }],
    ['breaks off every tenth connection', { cut: 0.1 }],
    ['lags', { slow: { share: 0.5, milliseconds: 50 } }],
    ['asks to wait now and then', { tooManyRequests: 0.03 }],
  ])('and %s still gets a staging up, and rid of it', async (_what, fault) => {
    const deployer = aDeployer(cluster.client);
    const name = freshName();
    await withFaults([fault], async () => {
      const acting = deployer.requestDeploy(name, [aConfigMap('settings'), aDeployment('web')]);
      expect(await persistently(() => applyWorkload(deployer.deps, acting))).toEqual({ done: true });
      expect(await persistently(() => awaitHealthy(deployer.deps, acting))).toEqual({ verdict: 'healthy' });
      const ending = deployer.requestTeardown(name);
      expect(await persistently(() => deleteWorkload(deployer.deps, ending))).toEqual({ done: true });
    });
  });

  it('does not hide what is wrong with an image', async () => {
    const deployer = aDeployer(cluster.client);
    const acting = deployer.requestDeploy(freshName(), [aDeployment('web', image('missing'))]);
    await withFaults([{ verbs: ['watch'], cut: 0.5 }], async () => {
      await persistently(() => applyWorkload(deployer.deps, acting));
      await expect(persistently(() => awaitHealthy(deployer.deps, acting))).rejects.toMatchObject({
        name: 'ImageNotFound',
      });
    });
  });

  it('is diagnosed by half, where the other half cannot be had', async () => {
    const deployer = aDeployer(cluster.client);
    const acting = deployer.requestDeploy(freshName(), [aDeployment('web', image('crash'))]);
    await applyWorkload(deployer.deps, acting);
    await expect(awaitHealthy(deployer.deps, acting)).rejects.toMatchObject({ name: 'CrashLoop' });
    const caught = { Error: 'CrashLoop', Cause: '{"errorMessage":"Pod/web: crashes"}' };
    const { failure } = await withFaults([{ resources: ['events'], internalError: 1 }], () =>
      diagnose(deployer.deps, acting.name, caught),
    );
    expect(failure.reason).toEqual({ code: 'CrashLoop', message: 'Pod/web: crashes', object: 'Pod/web' });
    expect(failure.diagnosis?.events[0]).toMatchObject({ reason: 'DiagnosisIncomplete' });
    expect(failure.diagnosis?.containers).toHaveLength(1);
  });
});
