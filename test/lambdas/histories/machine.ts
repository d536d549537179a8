import { claimStaging } from '../../../lambdas/actions/claim-staging.ts';
import { readHeld } from '../../../lambdas/actions/fence.ts';
import { recordEnd } from '../../../lambdas/actions/record-end.ts';
import { Conflict, Superseded } from '../../../lambdas/domain/errors.ts';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import type { ExecutionEnded } from '../../../lambdas/steps/record-ended.ts';
import { recordEnded } from '../../../lambdas/steps/record-ended.ts';
import type { World } from '../../support/world.ts';

/** The process that did the work is gone, with everything it had not written. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** What goes wrong in one execution. */
export interface ExecutionPlan {
  /** the work itself fails */
  fails: boolean;
  /** is stopped by hand before this state, if ever */
  abortsBefore?: 'Claim' | 'Act' | 'Record' | undefined;
  /** EventBridge's word of a bad end gets lost */
  losesEvent: boolean;
  /** every step's answer gets lost once, and the step is invoked again */
  repeats: boolean;
}

class Aborted extends Error {}

const tries = 4;

/** What Step Functions does around a step: again where the function died or a record changed under its hands. */
async function invoke(plan: ExecutionPlan, step: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step();
      if (plan.repeats) await step();
      return;
    } catch (error) {
      const isRetried = error instanceof Killed || error instanceof Conflict;
      if (!isRetried || attempt === tries) throw error;
    }
  }
}

/** Runs an operation through the states of its machine, deploy and teardown alike, as far as the record is concerned. */
export async function runExecution(world: World, operation: Operation, plan: ExecutionPlan): Promise<void> {
  const { staging: name, generation } = operation;
  const failed = { outcome: 'Failed', failure: { reason: { code: 'CrashLoop', message: 'broken' } } } as const;
  const state = (before: ExecutionPlan['abortsBefore']) => {
    if (plan.abortsBefore === before) throw new Aborted();
  };
  const record = (ending: Parameters<typeof recordEnd>[3]) =>
    invoke(plan, () => recordEnd(world, name, generation, ending));

  async function states(): Promise<'SUCCEEDED' | 'FAILED'> {
    try {
      state('Claim');
      await invoke(plan, () => claimStaging(world, name, generation));
      state('Act');
      await invoke(plan, () => readHeld(world.stagings, { name, generation }));
      if (plan.fails) throw new Error('broken');
      state('Record');
      await record({ outcome: 'Succeeded' });
      return 'SUCCEEDED';
    } catch (error) {
      if (error instanceof Aborted) throw error;
      if (!(error instanceof Superseded)) {
        await record(failed);
        return 'FAILED';
      }
      await record({ outcome: 'Superseded' }).catch(() => record(failed));
      return 'SUCCEEDED';
    }
  }

  const status = await states().catch((error: unknown) => (error instanceof Aborted ? 'ABORTED' : 'FAILED'));
  const known = world.executions.started.get(operation.id);
  if (known) known.state = { status };
  if (status === 'SUCCEEDED' || plan.losesEvent) return;
  const event: ExecutionEnded = { source: 'aws.states', detail: { name: operation.id, status } };
  await invoke(plan, () => recordEnded(world, event)).catch(() => {});
}
