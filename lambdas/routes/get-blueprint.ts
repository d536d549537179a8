import * as z from 'zod';
import { NotFound } from '../domain/errors.ts';
import { defineRoute, none } from '../http/route.ts';
import type { Blueprints } from '../render/blueprints.ts';
import { BlueprintView, toBlueprintView } from './blueprint-views.ts';

export const getBlueprint = defineRoute({
  method: 'GET',
  path: '/v1/blueprints/{name}',
  operationId: 'getBlueprint',
  summary: 'One blueprint: what may be set, with types, defaults and descriptions',
  params: z.strictObject({ name: z.string().min(1).max(40) }),
  query: none,
  body: none,
  answers: { 200: { description: 'the blueprint', schema: z.object({ blueprint: BlueprintView }) } },
  problems: [404],
  handle: async ({ params }, deps: { blueprints: Pick<Blueprints, 'get'> }) => {
    const shipped = deps.blueprints.get(params.name);
    if (!shipped) throw new NotFound('blueprint', params.name);
    return { status: 200, body: { blueprint: toBlueprintView(shipped.blueprint) } };
  },
});
