import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import type { ClusterDeps } from '../../lambdas/actions/cluster-deps.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import type { Hook, KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { aDeployer } from '../support/deploys.ts';
import type { Installation } from './eks-side.ts';

export type Deployer = ReturnType<typeof aDeployer>;

/** A deployer of one of the cluster's installations. */
export function deployerOf(
  client: KubernetesClient,
  { installation = 'berth', ...options }: Parameters<typeof aDeployer>[1] & { installation?: Installation } = {},
): Deployer {
  const deployer = aDeployer(client, options);
  Object.assign(deployer.deps, { installation } satisfies Partial<ClusterDeps>);
  return deployer;
}

/** Applies and awaits, as the state machine would: again and again until it is decided. */
export async function deploy(
  deployer: Deployer,
  name: string,
  objects: readonly KubernetesObject[],
  hooks: readonly Hook[] = [],
): Promise<void> {
  await carryOut(deployer, deployer.requestDeploy(name, objects, hooks));
}

export async function carryOut({ deps }: Deployer, acting: { name: string; generation: number }): Promise<void> {
  for (;;) {
    while (!(await applyWorkload(deps, acting)).done);
    if ((await awaitHealthy(deps, acting)).verdict === 'healthy') return;
  }
}

export async function tearDown(deployer: Deployer, name: string): Promise<void> {
  const acting = deployer.requestTeardown(name);
  while (!(await deleteWorkload(deployer.deps, acting)).done);
}
