import { NotFound } from '../domain/errors.ts';
import { requestRedeploy } from '../domain/lifecycle.ts';
import { type ChangeDeps, type Changed, changeStaging } from './change-staging.ts';

/**
 * Deploys the same wish again.
 * @throws NotFound, IllegalTransition, Conflict
 */
export const redeployStaging = (deps: ChangeDeps, name: string, actor: string): Promise<Changed> =>
  changeStaging(deps, name, (staging) => {
    if (!staging) throw new NotFound('staging', name);
    return requestRedeploy(staging, { actor, cause: 'request', now: deps.now() });
  });
