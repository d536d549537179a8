import * as z from 'zod';
import { Status } from '../domain/status.ts';
import { defineRoute, none } from '../http/route.ts';
import type { StagingStore } from '../stores/stagings.ts';
import { PageQuery } from './page-query.ts';
import { StagingView, toStagingView, type ViewDeps } from './views.ts';

export const listStagings = defineRoute({
  method: 'GET',
  path: '/v1/stagings',
  operationId: 'listStagings',
  summary: 'Stagings, newest first',
  description: 'Filters that are given all hold. Deleted ones are listed only where `status` asks for them.',
  params: none,
  query: PageQuery.extend({
    status: Status.optional(),
    blueprint: z.string().min(1).max(40).optional(),
    owner: z.string().min(1).max(256).optional(),
  }),
  body: none,
  answers: {
    200: {
      description: 'a page; another one where there is a cursor',
      schema: z.object({ stagings: z.array(StagingView), cursor: z.string().optional() }),
    },
  },
  problems: [503],
  handle: async ({ query }, deps: ViewDeps & { stagings: Pick<StagingStore, 'list'> }) => {
    const { stagings, ...rest } = await deps.stagings.list(query);
    return { status: 200, body: { stagings: stagings.map((staging) => toStagingView(deps, staging)), ...rest } };
  },
});
