import { NotFound } from '../domain/errors.ts';
import { requestTeardown } from '../domain/lifecycle.ts';
import { type ChangeDeps, type Changed, changeStaging } from './change-staging.ts';

/**
 * Takes a staging away. Again and again is fine, also after it is gone.
 * @throws NotFound where it never was
 * @throws Conflict
 */
export const deleteStaging = (deps: ChangeDeps, name: string, actor: string): Promise<Changed> =>
  changeStaging(deps, name, (staging) => {
    if (!staging) throw new NotFound('staging', name);
    return requestTeardown(staging, { actor, cause: 'request', now: deps.now() }) ?? staging;
  });
