import { type RecordDeps, type Recorded, recordEnd } from '../actions/record-end.ts';
import type { StepInput } from './step-input.ts';

/** Nothing of the staging is left; or it is handed over, where a newer request came at the last moment. @throws Conflict */
export const recordDeleted = (deps: RecordDeps, { name, generation }: StepInput): Promise<Recorded> =>
  recordEnd(deps, name, generation, { outcome: 'Succeeded' });
