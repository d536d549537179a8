import * as z from 'zod';
import { type ApproveDeps, approveSweep as approve } from '../actions/approve-sweep.ts';
import { BrakedSweep } from '../domain/sweep.ts';
import { defineRoute, none } from '../http/route.ts';

export const approveSweep = defineRoute({
  method: 'POST',
  path: '/v1/sweeps/{id}/approve',
  operationId: 'approveSweep',
  summary: 'Let a braked sweep go on',
  description:
    'More stagings were to end at once than one sweep may take away. What the sweep named, and is still due, ends now.',
  params: z.strictObject({ id: z.string().min(1).max(64) }),
  query: none,
  body: none,
  answers: { 202: { description: 'it goes on', schema: z.object({ sweep: BrakedSweep }) } },
  problems: [404, 503],
  handle: async ({ params, actor }, deps: ApproveDeps) => ({
    status: 202,
    body: { sweep: await approve(deps, params.id, actor) },
  }),
});
