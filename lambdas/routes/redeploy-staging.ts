import type { ChangeDeps } from '../actions/change-staging.ts';
import { redeployStaging as redeploy } from '../actions/redeploy-staging.ts';
import { defineRoute, none } from '../http/route.ts';
import { changedAnswer, changedAnswers } from './changed-answer.ts';
import { NameParams } from './staging-body.ts';
import type { ViewDeps } from './views.ts';

export const redeployStaging = defineRoute({
  method: 'POST',
  path: '/v1/stagings/{name}/redeploy',
  operationId: 'redeployStaging',
  summary: 'Deploy the same again',
  params: NameParams,
  query: none,
  body: none,
  answers: { 202: changedAnswers[202] },
  problems: [404, 409, 503],
  handle: async ({ params, actor }, deps: ChangeDeps & ViewDeps) =>
    changedAnswer(deps, await redeploy(deps, params.name, actor)),
});
