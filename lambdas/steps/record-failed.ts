import { type RecordDeps, type Recorded, recordEnd } from '../actions/record-end.ts';
import { failureOf } from '../domain/caught-failure.ts';
import type { StepInput } from './step-input.ts';

/**
 * Writes the cause where people and callers read it: the diagnosis, or the caught error where there is none. The answer
 * always has a reason, since the execution ends with it. @throws Conflict
 */
export async function recordFailed(deps: RecordDeps, input: StepInput): Promise<Recorded> {
  const failure = input.failure ?? failureOf(input.error);
  const recorded = await recordEnd(deps, input.name, input.generation, { outcome: 'Failed', failure });
  return { reason: failure.reason, ...recorded };
}
