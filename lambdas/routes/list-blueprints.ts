import * as z from 'zod';
import { defineRoute, none } from '../http/route.ts';
import type { Blueprints } from '../render/blueprints.ts';
import { BlueprintSummary } from './blueprint-views.ts';

export const listBlueprints = defineRoute({
  method: 'GET',
  path: '/v1/blueprints',
  operationId: 'listBlueprints',
  summary: 'What can be deployed',
  params: none,
  query: none,
  body: none,
  answers: { 200: { description: 'all of them', schema: z.object({ blueprints: z.array(BlueprintSummary) }) } },
  problems: [],
  handle: async (_request, deps: { blueprints: Pick<Blueprints, 'all'> }) => ({
    status: 200,
    body: { blueprints: deps.blueprints.all().map(({ name, description }) => ({ name, description })) },
  }),
});
