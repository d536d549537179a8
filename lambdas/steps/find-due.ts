import * as z from 'zod';
import { type Due, type FindDueDeps, findDue as find } from '../actions/find-due.ts';

export const FindDueInput = z.object({ step: z.literal('FindDue'), approvedSweep: z.string().optional() });

/** Names of what is due, as many as one turn can settle. @throws StoreUnavailable */
export const findDue = (deps: FindDueDeps, input: z.infer<typeof FindDueInput>): Promise<Due> =>
  find(deps, input.approvedSweep);
