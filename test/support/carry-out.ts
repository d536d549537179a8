import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { deleteWorkload } from '../../lambdas/actions/delete-workload.ts';
import type { Hook, KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { type aDeployer, freshName } from './deploys.ts';

type Deployer = ReturnType<typeof aDeployer>;

/**
 * Carries out a deploy that was asked for, as the state machine would: again and again until it is decided.
 * @returns how often a step had to be entered again
 */
export async function carryOut({ deps }: Deployer, acting: { name: string; generation: number }) {
  let rounds = 0;
  for (;;) {
    while (!(await applyWorkload(deps, acting)).done) rounds += 1;
    let { verdict } = await awaitHealthy(deps, acting);
    while (verdict === 'waiting') {
      rounds += 1;
      ({ verdict } = await awaitHealthy(deps, acting));
    }
    if (verdict === 'healthy') return { rounds };
    rounds += 1;
  }
}

export const deploy = (
  deployer: Deployer,
  name: string,
  objects: readonly KubernetesObject[],
  hooks: readonly Hook[] = [],
) => carryOut(deployer, deployer.requestDeploy(name, objects, hooks));

export async function tearDown(deployer: Deployer, name: string): Promise<void> {
  const acting = deployer.requestTeardown(name);
  while (!(await deleteWorkload(deployer.deps, acting)).done);
}

/** What a deploy that can't go well throws. */
export const failing = (
  deployer: Deployer,
  objects: readonly KubernetesObject[],
  hooks: readonly Hook[] = [],
  name = freshName(),
): Promise<Error> =>
  deploy(deployer, name, objects, hooks).then(
    () => {
      throw new Error('it went well');
    },
    (error: Error) => error,
  );

/** Again after what the state machine would try again. */
export async function persistently<Result>(act: () => Promise<Result>, tries = 8): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const isPassing = error instanceof Error && ['ClusterBusy', 'ClusterUnreachable'].includes(error.name);
    if (!isPassing || tries === 0) throw error;
    return persistently(act, tries - 1);
  }
}
