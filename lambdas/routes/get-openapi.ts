import * as z from 'zod';
import { defineRoute, none } from '../http/route.ts';

export interface OpenApiDeps {
  /** the document of all routes; made when it is first asked for */
  openApi: () => unknown;
}

export const getOpenApi = defineRoute({
  method: 'GET',
  path: '/v1/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This document',
  params: none,
  query: none,
  body: none,
  answers: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
  problems: [],
  handle: async (_request, deps: OpenApiDeps) => ({ status: 200, body: deps.openApi() }),
});
