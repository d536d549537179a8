import * as z from 'zod';
import { type ShowOperationDeps, showOperation } from '../actions/show-operation.ts';
import { defineRoute, none } from '../http/route.ts';
import { OperationView, toOperationView } from './views.ts';

/** API Gateway hangs up after 30 s. */
const longestWait = 25;

export const getOperation = defineRoute({
  method: 'GET',
  path: '/v1/operations/{id}',
  operationId: 'getOperation',
  summary: 'One operation: its steps with times, its outcome, and why',
  params: z.strictObject({ id: z.string().min(1).max(80) }),
  query: z.strictObject({
    wait: z.coerce
      .number()
      .int()
      .min(0)
      .max(longestWait)
      .default(0)
      .describe('seconds to wait for its end; the answer comes as soon as it has ended'),
  }),
  body: none,
  answers: { 200: { description: 'the operation', schema: z.object({ operation: OperationView }) } },
  problems: [404, 503],
  handle: async ({ params, query }, deps: ShowOperationDeps) => {
    const record = await showOperation(deps, params.id, query.wait * 1000);
    return { status: 200, body: { operation: toOperationView(record) } };
  },
});
