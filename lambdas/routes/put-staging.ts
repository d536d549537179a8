import { type RequestDeps, requestStaging } from '../actions/request-staging.ts';
import { defineRoute, none } from '../http/route.ts';
import { changedAnswer, changedAnswers } from './changed-answer.ts';
import { NameParams, StagingBody, toWish } from './staging-body.ts';

export const putStaging = defineRoute({
  method: 'PUT',
  path: '/v1/stagings/{name}',
  operationId: 'putStaging',
  summary: 'Create or update a staging: the one call that CI needs',
  description: 'The newest request wins, whatever runs. Where nothing would change, nothing is done.',
  params: NameParams,
  query: none,
  body: StagingBody,
  answers: changedAnswers,
  problems: [409, 413, 415, 422, 429, 503],
  handle: async ({ params, body, actor }, deps: RequestDeps) =>
    changedAnswer(deps, await requestStaging(deps, toWish(params.name, body), actor)),
});
