import type { ChangeDeps } from '../actions/change-staging.ts';
import { deleteStaging as deleteIt } from '../actions/delete-staging.ts';
import { defineRoute, none } from '../http/route.ts';
import { changedAnswer, changedAnswers } from './changed-answer.ts';
import { NameParams } from './staging-body.ts';
import type { ViewDeps } from './views.ts';

export const deleteStaging = defineRoute({
  method: 'DELETE',
  path: '/v1/stagings/{name}',
  operationId: 'deleteStaging',
  summary: 'Take a staging away, with everything in its namespace',
  description: 'Wins over a deploy that runs. Again and again is fine.',
  params: NameParams,
  query: none,
  body: none,
  answers: changedAnswers,
  problems: [404, 503],
  handle: async ({ params, actor }, deps: ChangeDeps & ViewDeps) =>
    changedAnswer(deps, await deleteIt(deps, params.name, actor)),
});
