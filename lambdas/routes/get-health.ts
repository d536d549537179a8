import * as z from 'zod';
import { defineRoute, none } from '../http/route.ts';

/** Open to everybody, so it reads nothing and tells nothing. */
export const getHealth = defineRoute({
  method: 'GET',
  path: '/v1/health',
  operationId: 'getHealth',
  summary: 'Whether the API answers',
  params: none,
  query: none,
  body: none,
  answers: { 200: { description: 'it does', schema: z.object({ status: z.literal('ok') }) } },
  problems: [],
  isOpen: true,
  handle: async () => ({ status: 200, body: { status: 'ok' } }),
});
