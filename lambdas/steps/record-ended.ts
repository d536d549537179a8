import * as z from 'zod';
import { endingOf } from '../actions/execution-ending.ts';
import { type RecordDeps, type Recorded, recordEnd } from '../actions/record-end.ts';
import { parseOperationId } from '../domain/operation.ts';

/** EventBridge's word that an execution ended without success: a stopped one passes every Catch by. */
export const ExecutionEnded = z.object({
  source: z.literal('aws.states'),
  detail: z.object({
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});
export type ExecutionEnded = z.infer<typeof ExecutionEnded>;

/**
 * Ends the operation that the execution left open, and hands over. Nothing happens where its end is recorded already, or
 * where the execution is none of an operation.
 */
export async function recordEnded(deps: RecordDeps, { detail }: ExecutionEnded): Promise<Recorded | undefined> {
  const operation = parseOperationId(detail.name);
  if (!operation) return undefined;
  const ending = endingOf({
    status: detail.status,
    error: detail.error ?? undefined,
    cause: detail.cause ?? undefined,
  });
  return recordEnd(deps, operation.staging, operation.generation, ending);
}
