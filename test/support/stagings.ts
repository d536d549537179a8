import { claim, end } from '../../lambdas/domain/execution.ts';
import { type DeployRequest, requestDeploy, requestTeardown } from '../../lambdas/domain/lifecycle.ts';
import type { Staging } from '../../lambdas/domain/staging.ts';
import type { Status } from '../../lambdas/domain/status.ts';

const noon = new Date('2026-03-01T12:00:00.000Z');

export const aRequest = (over: Partial<DeployRequest> = {}): DeployRequest => ({
  name: 'checkout-42',
  desired: { blueprint: 'hello', values: { imageTag: 'v1' }, overrides: {} },
  cluster: 'main',
  owner: 'ann',
  ...over,
});

export const aContext = (now = noon) => ({ actor: 'ann', cause: 'request' as const, now });

/** A staging that was just accepted. */
export function aPendingStaging(over: Partial<DeployRequest> = {}, now = noon): Staging {
  const decision = requestDeploy(undefined, aRequest(over), aContext(now));
  if (!decision) throw new Error('a new staging is always a change');
  return decision.staging;
}

const failure = { reason: { code: 'ImageNotFound', message: 'Pod/web: there is no image web:v9' } } as const;

/** A staging in a status that is asked for, come to as it would be in life. */
export function aStagingThatIs(status: Status, over: Partial<DeployRequest> = {}, now = noon): Staging {
  const pending = aPendingStaging(over, now);
  const deploying = () => claim(pending, 1, now);
  const running = () => end(deploying(), 1, { outcome: 'Succeeded' }, now)!.staging;
  const deleting = () => requestTeardown(running(), aContext(now))!.staging;
  switch (status) {
    case 'Pending':
      return pending;
    case 'Deploying':
      return deploying();
    case 'Running':
      return running();
    case 'Failed':
      return end(deploying(), 1, { outcome: 'Failed', failure }, now)!.staging;
    case 'Deleting':
      return deleting();
    case 'Deleted':
      return end(claim(deleting(), 2, now), 2, { outcome: 'Succeeded' }, now)!.staging;
    case 'DeleteFailed':
      return end(claim(deleting(), 2, now), 2, { outcome: 'Failed', failure }, now)!.staging;
    case 'Degraded':
    case 'Archiving':
    case 'Archived':
    case 'Restoring':
      return { ...running(), status };
    default:
      return status satisfies never;
  }
}

/** The same record as its first revision, so that a store takes it whatever life it had. */
export const asFirst = (staging: Staging): Staging => ({ ...staging, revision: 1 });
