import * as z from 'zod';
import type { RecordDeps } from '../actions/record-end.ts';
import type { Outcome } from '../domain/operation.ts';
import { claim } from './claim.ts';
import { recordDeleted } from './record-deleted.ts';
import { recordFailed } from './record-failed.ts';
import { recordRunning } from './record-running.ts';
import { recordSuperseded } from './record-superseded.ts';
import { StepInput } from './step-input.ts';

const RecordStep = z.enum(['Claim', 'RecordRunning', 'RecordDeleted', 'RecordSuperseded', 'RecordFailed']);
type RecordStep = z.infer<typeof RecordStep>;

type Answer = { claimed: true } | { outcome: Outcome };

/** The states that the records function carries out. */
export const recordSteps: Readonly<Record<RecordStep, (deps: RecordDeps, input: StepInput) => Promise<Answer>>> = {
  Claim: claim,
  RecordRunning: recordRunning,
  RecordDeleted: recordDeleted,
  RecordSuperseded: recordSuperseded,
  RecordFailed: recordFailed,
};

export const RecordInput = StepInput.extend({ step: RecordStep });
export type RecordInput = z.infer<typeof RecordInput>;
