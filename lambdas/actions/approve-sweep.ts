import type { BrakedSweep } from '../domain/sweep.ts';
import type { Executions } from '../stores/executions.ts';
import type { SweepStore } from '../stores/sweeps.ts';

export interface ApproveDeps {
  sweeps: Pick<SweepStore, 'approve'>;
  executions: Pick<Executions, 'startApprovedSweep'>;
  now(): Date;
}

/**
 * Lets a braked sweep end what it named, as far as that is still due. Again is fine: it runs once.
 * @throws NotFound, StoreUnavailable
 */
export async function approveSweep(deps: ApproveDeps, id: string, actor: string): Promise<BrakedSweep> {
  const sweep = await deps.sweeps.approve(id, actor, deps.now().toISOString());
  await deps.executions.startApprovedSweep(id);
  return sweep;
}
