import { failureOf } from '../domain/caught-failure.ts';
import type { End } from '../domain/execution.ts';
import type { Failure, ReasonCode } from '../domain/reason.ts';
import type { ExecutionState } from '../stores/executions.ts';

const codes: Readonly<Partial<Record<ExecutionState['status'], ReasonCode>>> = {
  TIMED_OUT: 'TimedOut',
  ABORTED: 'Aborted',
};

const sentences: Readonly<Partial<Record<ExecutionState['status'], string>>> = {
  TIMED_OUT: 'the execution ran out of time',
  ABORTED: 'the execution was stopped by hand',
  MISSING: 'the execution is gone, and nothing is known of its end',
};

/** The outcome of an execution that ended without recording one itself: where it failed, with what it failed of. */
export function endingOf({ status, error, cause }: ExecutionState): Extract<End, { outcome: 'Failed' }> {
  if (status === 'FAILED' && error !== undefined && error !== '') {
    return { outcome: 'Failed', failure: failureOf({ Error: error, Cause: cause }) };
  }
  const sentence = sentences[status] ?? 'the execution ended without recording why';
  const details = [error, cause].filter((part) => part !== undefined && part !== '').join(': ');
  const message = details === '' ? sentence : `${sentence}: ${details}`;
  const failure: Failure = { reason: { code: codes[status] ?? 'InternalError', message: message.slice(0, 1024) } };
  return { outcome: 'Failed', failure };
}
