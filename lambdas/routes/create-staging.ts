import * as z from 'zod';
import { type RequestDeps, requestStaging } from '../actions/request-staging.ts';
import { nameFromBranch } from '../domain/names.ts';
import { defineRoute, none } from '../http/route.ts';
import { changedAnswer, changedAnswers } from './changed-answer.ts';
import { StagingBody, toWish } from './staging-body.ts';

/** What a caller wants to run, for a branch. */
export const BranchBody = StagingBody.extend({ branch: z.string().min(1).max(256) });

export const createStaging = defineRoute({
  method: 'POST',
  path: '/v1/stagings',
  operationId: 'createStaging',
  summary: 'The same as PUT, with the name made from a branch',
  description:
    'A branch that is a DNS label is the name; any other is reduced to one, with a short hash of it, so that two branches never share a staging.',
  params: none,
  query: none,
  body: BranchBody,
  answers: changedAnswers,
  problems: [409, 413, 415, 422, 429, 503],
  handle: async ({ body, actor }, deps: RequestDeps) => {
    const wish = toWish(nameFromBranch(body.branch), body);
    const source = { branch: body.branch, ...wish.source };
    return changedAnswer(deps, await requestStaging(deps, { ...wish, source }, actor));
  },
});
