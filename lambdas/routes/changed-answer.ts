import * as z from 'zod';
import type { Changed } from '../actions/change-staging.ts';
import type { Answer, AnswerSpec } from '../http/route.ts';
import { OperationSummary, StagingView, toOperationSummary, toStagingView, type ViewDeps } from './views.ts';

/** Answers of every route that changes a staging. */
export const changedAnswers = {
  200: { description: 'nothing had to change', schema: z.object({ staging: StagingView }) },
  202: {
    description: 'accepted; the operation tells how it goes on',
    schema: z.object({ staging: StagingView, operation: OperationSummary }),
    headers: { Location: 'the operation' },
  },
} as const satisfies Record<number, AnswerSpec>;

/** 202 with the accepted operation, or 200 where the staging is as it was asked for already. */
export function changedAnswer(deps: ViewDeps, { staging, operation }: Changed): Answer {
  const view = toStagingView(deps, staging);
  if (!operation) return { status: 200, body: { staging: view } };
  return {
    status: 202,
    headers: { location: `/v1/operations/${operation.id}` },
    body: { staging: view, operation: toOperationSummary(operation) },
  };
}
