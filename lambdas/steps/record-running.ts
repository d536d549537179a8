import { type RecordDeps, type Recorded, recordEnd } from '../actions/record-end.ts';
import type { StepInput } from './step-input.ts';

/** The staging runs; or it is handed over, where a newer request came at the last moment. @throws Conflict */
export const recordRunning = (deps: RecordDeps, { name, generation }: StepInput): Promise<Recorded> =>
  recordEnd(deps, name, generation, { outcome: 'Succeeded' });
