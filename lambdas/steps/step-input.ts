import * as z from 'zod';
import { StagingName } from '../domain/names.ts';
import { Failure } from '../domain/reason.ts';

/** What every execution is started with, and every step gets: who it is, nothing that grows. */
export const ExecutionInput = z.object({
  name: StagingName,
  generation: z.int().positive(),
  operationId: z.string(),
});
export type ExecutionInput = z.infer<typeof ExecutionInput>;

/** `$states.errorOutput` of a Catch. */
export const CaughtError = z.object({ Error: z.string(), Cause: z.string().optional() });
export type CaughtError = z.infer<typeof CaughtError>;

/** The payload of a step's invocation; `step` is the state's name and picks the step in the function's registry. */
export const StepInput = ExecutionInput.extend({
  step: z.string(),
  error: CaughtError.optional(),
  failure: Failure.optional(),
});
export type StepInput = z.infer<typeof StepInput>;
