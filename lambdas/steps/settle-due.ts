import * as z from 'zod';
import { type SettleDeps, settleDue as settle } from '../actions/settle-due.ts';
import type { Chore } from '../domain/due.ts';
import { StagingName } from '../domain/names.ts';

/** A sweep without an id is neither braked nor approved. */
export const SettleDueInput = z.object({
  step: z.literal('SettleDue'),
  name: StagingName,
  sweepId: z.string(),
  approved: z.boolean(),
});

/** Does what is due for one staging. In a braked sweep nothing ends. @throws Conflict, StoreUnavailable */
export async function settleDue(
  deps: SettleDeps,
  { name, sweepId, approved }: z.infer<typeof SettleDueInput>,
): Promise<{ chore: Chore | 'none' }> {
  return { chore: (await settle(deps, name, approved || sweepId === '')) ?? 'none' };
}
