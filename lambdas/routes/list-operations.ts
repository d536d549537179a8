import * as z from 'zod';
import { type ListOperationsDeps, listOperations as list } from '../actions/list-operations.ts';
import { defineRoute, none } from '../http/route.ts';
import { PageQuery } from './page-query.ts';
import { NameParams } from './staging-body.ts';
import { OperationSummary, toOperationSummary } from './views.ts';

export const listOperations = defineRoute({
  method: 'GET',
  path: '/v1/stagings/{name}/operations',
  operationId: 'listOperations',
  summary: 'History of a staging, newest first',
  description: 'Each operation is kept for 30 days after its end, also after the staging is gone.',
  params: NameParams,
  query: PageQuery,
  body: none,
  answers: {
    200: {
      description: 'a page; another one where there is a cursor',
      schema: z.object({ operations: z.array(OperationSummary), cursor: z.string().optional() }),
    },
  },
  problems: [404, 503],
  handle: async ({ params, query }, deps: ListOperationsDeps) => {
    const { operations, ...rest } = await list(deps, params.name, query.limit, query.cursor);
    return { status: 200, body: { operations: operations.map((item) => toOperationSummary(item.operation)), ...rest } };
  },
});
