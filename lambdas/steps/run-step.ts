import type { Log } from '../actions/log.ts';
import { DomainError } from '../domain/errors.ts';
import { type Annotations, traceStep } from '../tracing.ts';

/** What an invocation is about, on every line of its log and on its trace. */
export interface StepScope {
  about: Annotations;
  log: Log;
}

/**
 * Runs a step, logged and traced; what it throws goes on to the state machine, which retries and catches by name.
 */
export async function runStep<Answer>(
  { about, log }: StepScope,
  step: string,
  run: () => Promise<Answer>,
): Promise<Answer> {
  try {
    const answer = await traceStep(step, about, run);
    log.info('step done', { step, answer });
    return answer;
  } catch (error) {
    // What has a name of ours is part of the plan; anything else is a fault.
    if (error instanceof DomainError) log.warn('step ended with an expected error', { step, error });
    else log.error('step failed', { step, error });
    throw error;
  }
}
