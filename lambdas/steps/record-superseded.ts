import { type RecordDeps, type Recorded, recordEnd } from '../actions/record-end.ts';
import type { StepInput } from './step-input.ts';

/** Hands the staging over to the newer operation. @throws Conflict */
export const recordSuperseded = (deps: RecordDeps, { name, generation }: StepInput): Promise<Recorded> =>
  recordEnd(deps, name, generation, { outcome: 'Superseded' });
