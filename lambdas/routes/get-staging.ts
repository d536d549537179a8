import * as z from 'zod';
import { NotFound } from '../domain/errors.ts';
import { defineRoute, none } from '../http/route.ts';
import type { StagingStore } from '../stores/stagings.ts';
import { NameParams } from './staging-body.ts';
import { StagingView, toStagingView, type ViewDeps } from './views.ts';

export const getStaging = defineRoute({
  method: 'GET',
  path: '/v1/stagings/{name}',
  operationId: 'getStaging',
  summary: 'One staging',
  description: 'A deleted one is shown with status Deleted for as long as its name is remembered.',
  params: NameParams,
  query: none,
  body: none,
  answers: { 200: { description: 'the staging', schema: z.object({ staging: StagingView }) } },
  problems: [404, 503],
  handle: async ({ params }, deps: ViewDeps & { stagings: Pick<StagingStore, 'get'> }) => {
    const staging = await deps.stagings.get(params.name);
    if (!staging) throw new NotFound('staging', params.name);
    return { status: 200, body: { staging: toStagingView(deps, staging) } };
  },
});
